#!/bin/bash
# Gets what the integration tests need from Debian, once. When all of it is
# there, it says so in a moment and asks apt nothing.
#
#   install.sh mail FOLDER          FOLDER keeps the servers that cannot be installed
#   install.sh directories FOLDER   slapd, Samba and what asks them
#   install.sh senders FOLDER       a clock that runs fast, and another reader of Postfix's log
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
unpacked=${2:?folder for unpacked servers}

beside=()
case $1 in
mail)
  # The last line is what the unpacked servers are linked with.
  packages=(iproute2 nftables bind9 unbound postfix postgrey
    libevent-2.1-7 libgnutls-dane0 libidn12 libnsl2 libpam0g libdb5.3 ed)
  # Debian's mail servers conflict with each other: Postfix is installed, the
  # others are unpacked beside it and run from an overlay (overlay.sh).
  beside=(exim4-base exim4-daemon-light opensmtpd)
  ;;
senders)
  packages=(faketime libfaketime pflogsumm util-linux)
  ;;
directories)
  packages=(slapd ldap-utils libsasl2-modules-gssapi-mit krb5-user
    samba samba-ad-provision samba-dsdb-modules)
  ;;
esac

missing() {
  local p
  for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
  done
}

# Without this the packages would start their servers, on the machine's own
# ports. The file goes again, unless it was here before.
hold_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

install_packages() {
  hold_services
  debconf-set-selections <<'END'
postfix postfix/main_mailer_type select No configuration
slapd slapd/no_configuration boolean true
END
  # --no-remove: on a machine that has another mail server, stop rather than
  # take it away.
  apt-get install -y -q --no-install-recommends --no-remove \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io "$@"
}

unpack_servers() {
  local work p
  work=$(mktemp -d)
  chmod 777 "$work" # apt downloads as its own user
  (cd "$work" && apt-get download -q "${beside[@]}")
  for p in "${beside[@]}"; do
    mkdir -p "$unpacked.new/${p%%[4-]*}"
    dpkg-deb -x "$work/$p"_*.deb "$unpacked.new/${p%%[4-]*}"
  done
  rm -rf "$work" "$unpacked"
  mv "$unpacked.new" "$unpacked" # last, so that half of it never looks whole
}

mapfile -t need < <(missing)
[ ${#beside[@]} = 0 ] || [ -d "$unpacked" ] || missing_beside=yes
if [ ${#need[@]} = 0 ] && [ -z "${missing_beside:-}" ]; then
  echo "everything is installed"
  exit 0
fi
apt-get update -q
[ ${#need[@]} = 0 ] || install_packages "${need[@]}"
if [ -n "${missing_beside:-}" ]; then
  rm -rf "$unpacked.new"
  mkdir -p "$(dirname "$unpacked")"
  unpack_servers
fi
