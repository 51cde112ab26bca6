# make demo    the main job on a mail world inside the process: writes report.xml and report.html
# make test    formatting, vet and every test that needs nothing but Go
# make integration   against real Postfix, Exim, OpenSMTPD, BIND, unbound, OpenLDAP and a Samba domain, and in a real terminal (root on Debian)
# make bench   round trips and time of a whole diagnosis, the readers against others, a large organization
# make truth   hundreds of mail systems whose cause of delay is known, through the whole program: what is found, and whether anything false is
# make docs    the generated documents; make lint: staticcheck; make cross: other systems
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS  = -s -w -X main.version=$(VERSION)
# The race detector needs a C compiler; without one the tests run without it.
RACE    := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
SYSTEMS  = linux/amd64 linux/arm64 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test integration bench truth docs lint cross clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o mailflow ./cmd/mailflow

demo: build
	./mailflow demo --out report.xml --out report.html

test:
	@out=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || echo .)); if [ -n "$$out" ]; then echo "gofmt: $$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) test $(RACE) ./...

integration:
	$(GO) test -tags integration -count=1 -timeout 20m -v ./internal/rig
	$(GO) test -tags integration -count=1 -timeout 5m -v -run Terminal ./cmd/mailflow

bench:
	$(GO) test -run '^$$' -bench . -benchtime 10x ./internal/bench

WORLDS  ?= 100
truth:
	$(GO) test -count=1 -timeout 60m -v -run TestTruth ./internal/mailworld -worlds $(WORLDS)

docs: build
	./mailflow explain --markdown > docs/catalogue.md
	$(GO) test ./cmd/mailflow -run "TestReadmeShowsTheDemo|TestDocsShow" -count=1 -update

lint:
	GOBIN=$(CURDIR)/.bin $(GO) install $(STATICCHECK)
	.bin/staticcheck ./...

cross:
	@for s in $(SYSTEMS); do echo $$s; \
	  CGO_ENABLED=0 GOOS=$${s%/*} GOARCH=$${s#*/} $(GO) vet ./... && \
	  CGO_ENABLED=0 GOOS=$${s%/*} GOARCH=$${s#*/} $(GO) build -trimpath -o /dev/null ./cmd/mailflow || exit 1; done

clean:
	rm -f mailflow report.xml report.html
