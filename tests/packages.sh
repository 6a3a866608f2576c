# Debian 12 packages. Sourced by tests/run.sh and samples/run.sh.
# shellcheck shell=bash disable=SC2034
build_packages=(g++ cmake ninja-build ccache pkg-config git libpugixml-dev libcli11-dev libfmt-dev nlohmann-json3-dev
  libdeflate-dev libyaml-cpp-dev libssl-dev zlib1g-dev libbz2-dev liblzma-dev libzstd-dev libisal-dev)
test_packages=(catch2 libbenchmark-dev libxml2-dev)
oracle_packages=(python3 python3-yaml jq libxml2-utils libvirt-clients libvirt-daemon libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils
  ovmf swtpm swtpm-tools virt-v2v ganeti iproute2 busybox-static cpio bubblewrap e2fsprogs
  tar libarchive-tools openssl bzip2 xz-utils genisoimage)

# Installs what is missing; touches apt only when something is.
install_packages() {
  local missing=() name sudo=()
  for name in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  [[ $(id -u) == 0 ]] || sudo=(sudo)
  echo "installing: ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
