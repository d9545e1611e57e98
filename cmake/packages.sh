# SPDX-License-Identifier: GPL-2.0-or-later
# For ./demo and ./check: Debian packages, installed when they are missing.

# To build vmcull; the second line is of optional parts, which not every release or machine has.
packages_build='cmake make gcc libc6-dev pkg-config zlib1g-dev liblzo2-dev libzstd-dev libxxhash-dev libelf-dev libjansson-dev'
packages_optional='libsnappy-dev libdeflate-dev libisal-dev libbpf-dev libdw-dev libkdumpfile-dev'
# To test it.
packages_tests='libcmocka-dev python3 zstd mandoc strace util-linux'
packages_ci='clang libclang-rt-dev clang-tidy cppcheck gcovr file chromium valgrind'
# To build and test it for other architectures, and the libraries for that, which are of those: not
# installed, but unpacked by cross_sysroot.  ISA-L is for x86 and 64-bit ARM only.
packages_cross='gcc-s390x-linux-gnu gcc-arm-linux-gnueabihf qemu-user-static'
packages_sysroot='libc6-dev zlib1g-dev liblzo2-dev libzstd-dev libxxhash-dev libelf-dev libjansson-dev libsnappy-dev
    libdeflate-dev libbpf-dev libdw-dev libcmocka-dev'

packages_missing() { # PACKAGE...
    local package
    for package; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^.i' || echo "$package"
    done
}

# need_packages PACKAGE... [--optional PACKAGE...]
need_packages() {
    local needed=() optional=() missing package to=needed sudo=()
    for package; do
        if [ "$package" = --optional ]; then to=optional
        elif [ $to = needed ]; then needed+=("$package")
        else optional+=("$package")
        fi
    done
    if ! command -v apt-get > /dev/null; then
        echo "no apt-get here: what is missing you have to install yourself"
        return 0
    fi
    mapfile -t missing < <(packages_missing "${needed[@]}" "${optional[@]}")
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo > /dev/null; then
            mapfile -t missing < <(packages_missing "${needed[@]}")
            [ ${#missing[@]} -gt 0 ] || return 0
            echo "please install as root: apt-get install ${missing[*]}" >&2
            return 1
        fi
        sudo=(sudo)
        [ -t 0 ] || sudo+=(-n)
    fi
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update || return 1

    local available=()
    for package in "${missing[@]}"; do
        case " ${optional[*]} " in
            *" $package "*) apt-cache show "$package" > /dev/null 2>&1 || continue ;;
        esac
        available+=("$package")
    done
    [ ${#available[@]} -gt 0 ] || return 0
    echo "installing: ${available[*]}"
    local log
    log=$("${apt[@]}" install -y --no-install-recommends "${available[@]}" 2>&1) ||
        { printf '%s\n' "$log"; return 1; }
}

# cross_sysroot ARCH: the libraries of that architecture, for the preset of its name.
cross_sysroot() {
    cmake/sysroot "$1" "build/cross/$1" $packages_sysroot
}

# configure FOLDER CMAKE-OPTION...: configures a build folder, with Ninja where it is installed.
configure() {
    local folder=$1
    shift
    [ -e "$folder/CMakeCache.txt" ] || ! command -v ninja > /dev/null || set -- -G Ninja "$@"
    cmake -S . -B "$folder" "$@"
}
