#!/bin/sh
# Follows docs/DEPLOY.md word by word on a clean Debian 12: what stands there under "Without Docker" in blocks that are marked to
# be run, in a root made by debootstrap. The step with systemd is not among them: nothing in a chroot is run by it.
#
#   sudo tests/ops/deploy-in-debootstrap.sh
#
# Takes some minutes and 3 GB below /var/tmp, which it removes. Needs root, debootstrap, and the network: Debian's mirror, npm's
# registry, nodejs.org. Where the last cannot be reached, this machine's own Node stands in, and that is said.
set -eu

checkout=$(CDPATH='' cd -P "$(dirname "$0")/../.." && pwd)
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | grep '/debian/*$' | head -n 1)
root=$(mktemp -d /var/tmp/gehra-deploy.XXXXXX)
chmod 0755 "$root"

clean() {
  # Nothing of it may run on, whatever became of the steps.
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/root" 2>/dev/null)" = "$root" ] && kill -KILL "${process#/proc/}" 2>/dev/null
  done
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap clean EXIT
trap 'exit 130' INT TERM

echo "-- a clean Debian 12 in $root"
debootstrap --variant=minbase bookworm "$root" "${mirror:-http://deb.debian.org/debian}" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log"
  exit 1
}
rm -f "$root.log"
mount -t proc proc "$root/proc"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
# Certificates that this machine trusts beside Debian's.
mkdir -p "$root/usr/local/share/ca-certificates"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \;
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then cp "$NODE_EXTRA_CA_CERTS" "$root/srv/certificates.pem"; fi

# What the document calls the address of the repository: this checkout as it is committed.
git clone --quiet --bare "$checkout" "$root/srv/gehra.git"

if ! curl -fsSI --max-time 10 https://nodejs.org/dist/ >/dev/null 2>&1; then
  echo "-- nodejs.org cannot be reached: $(command -v node) $(node --version) of this machine stands in"
  stand_in=$(mktemp -d "$root/srv/node.XXXXXX")
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$stand_in/node/bin" "$stand_in/node/lib/node_modules"
  cp "$(readlink -f "$(command -v node)")" "$stand_in/node/bin/node"
  cp -R "$npm" "$stand_in/node/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$stand_in/node/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$stand_in/node/bin/npx"
  XZ_OPT=-0 tar -C "$stand_in" -cJf "$root/srv/node.tar.xz" node
  rm -rf "$stand_in"
  cat >"$root/usr/local/bin/curl" <<'CURL'
#!/bin/sh
case "$*" in *https://nodejs.org/*) exec cat /srv/node.tar.xz ;; esac
exec /usr/bin/curl "$@"
CURL
  chmod +x "$root/usr/local/bin/curl"
fi

awk '/^## /{ on = ($0 == "## Without Docker") } on && /^<!-- run -->$/{ marked = 1; next }
     marked && /^```sh$/{ inside = 1; marked = 0; next } inside && /^```$/{ inside = 0; next } inside' \
  "$checkout/docs/DEPLOY.md" >"$root/srv/steps"
[ "$(wc -l <"$root/srv/steps")" -ge 8 ] || {
  echo 'docs/DEPLOY.md has no steps to run'
  exit 1
}

echo '-- the steps of docs/DEPLOY.md'
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  REPOSITORY=file:///srv/gehra.git npm_config_registry="$(npm config get registry)" ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/srv/certificates.pem} \
  chroot "$root" /bin/sh -eux /srv/steps
echo '-- passed: a newcomer who follows docs/DEPLOY.md has a running system'
