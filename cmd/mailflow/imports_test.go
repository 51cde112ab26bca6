package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says which packages of this module each package may import. What is
// not listed may import none.
var layers = map[string][]string{
	"smtpprobe":       {},
	"diag":            {},
	"evidence":        {"diag", "smtpprobe"},
	"analyzers":       {"diag", "evidence", "smtpprobe", "internal/latency"},
	"collectors":      {"diag", "evidence", "smtpprobe", "internal/ldif", "internal/cmdlet", "internal/regfile", "internal/bpa", "internal/directory", "internal/routing", "internal/queuelist", "internal/exlog", "internal/sessionlog", "internal/maillog", "internal/logindex", "internal/rhythm", "internal/journey", "internal/latency", "internal/eventlog", "internal/charset", "internal/walltime"},
	"report":          {"diag", "evidence", "smtpprobe"},
	"tui":             {"diag", "evidence", "report", "smtpprobe", "tui/results"},
	"tui/results":     {"diag", "evidence", "report", "smtpprobe"},
	"internal/lab":    {"diag"},
	"internal/ldif":   {"internal/charset"},
	"internal/cmdlet": {"internal/charset"}, "internal/regfile": {"internal/charset"}, "internal/bpa": {"internal/charset"}, "internal/charset": {}, "internal/directory": {},
	"internal/routing":   {"evidence"},
	"internal/journey":   {"diag", "evidence"},
	"internal/queuelist": {"internal/charset"},
	"internal/latency":   {"evidence"},
	"internal/eventlog":  {"internal/charset", "internal/cmdlet", "internal/walltime"},
	"internal/exlog":     {}, "internal/maillog": {}, "internal/logindex": {}, "internal/rhythm": {}, "internal/sessionlog": {"internal/exlog"},
	"internal/whatif": {"diag", "evidence"},
}

// free may import everything: the command puts it all together, and the rig and
// the benchmarks try it all.
var free = []string{"cmd/mailflow", "internal/rig", "internal/bench"}

// pure is what the analyzers may use of Go: nothing in it does I/O, knows the
// time or rolls dice, but for what touches lists.
var pure = []string{"bytes", "cmp", "container/heap", "crypto/x509", "errors", "fmt", "iter", "maps", "math", "math/bits", "net", "net/netip", "regexp", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8"}

// touches lists what of those packages does: the time is the case's, the roots
// were asked for when the session was held, and of net only the functions that
// take text apart are pure.
var touches = map[string]func(name string) bool{
	"time": func(name string) bool {
		return slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Local"}, name)
	},
	"x509": func(name string) bool { return name == "SystemCertPool" },
	"fmt":  func(name string) bool { return strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Scan") },
	"net": func(name string) bool {
		return !slices.Contains([]string{"JoinHostPort", "SplitHostPort", "ParseIP", "ParseCIDR"}, name)
	},
}

// A source is one Go file of the repository that is no test.
type source struct {
	dir, path string
	file      *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		all = append(all, source{filepath.ToSlash(filepath.Dir(filepath.FromSlash(rel))), rel, file})
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files: %v", len(all), err)
	}
	return all
}

func imports(s source) []string {
	var all []string
	for _, spec := range s.file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		all = append(all, path)
	}
	return all
}

// TestLayers: each package imports only what is below it.
func TestLayers(t *testing.T) {
	for _, s := range sources(t) {
		for _, path := range imports(s) {
			below, ours := strings.CutPrefix(path, "mailflow/")
			if ours && !slices.Contains(free, s.dir) && !slices.Contains(layers[s.dir], below) {
				t.Errorf("%s imports %s", s.path, path)
			}
		}
	}
}

// TestPurity: analyzers import nothing that could touch the world, and do not
// ask for the time.
func TestPurity(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir != "analyzers" {
			continue
		}
		for _, path := range imports(s) {
			if !strings.HasPrefix(path, "mailflow/") && !slices.Contains(pure, path) {
				t.Errorf("%s imports %s", s.path, path)
			}
		}
		for pkg, touching := range touches {
			for _, name := range used(s.file, pkg) {
				if touching(name) {
					t.Errorf("%s uses %s.%s", s.path, pkg, name)
				}
			}
		}
	}
}

// TestNothingHidden: no package does anything by being imported, and only the
// command ends the process.
func TestNothingHidden(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has a func init", s.path)
			}
		}
		if strings.HasPrefix(s.dir, "cmd/") {
			continue
		}
		if slices.Contains(used(s.file, "os"), "Exit") {
			t.Errorf("%s uses os.Exit", s.path)
		}
		for _, name := range used(s.file, "log") {
			if strings.HasPrefix(name, "Fatal") {
				t.Errorf("%s uses log.%s", s.path, name)
			}
		}
	}
}

// used lists what a file uses of a package. It goes by the package's name, so a
// variable of that name deceives it; the house style has none.
func used(file *ast.File, pkg string) []string {
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == pkg {
			all = append(all, sel.Sel.Name)
		}
		return true
	})
	return all
}
