#!/usr/bin/env bash
# The built program and library have what makes an error of memory hard to use; and the check
# tells a program that has not.
#
# usage: test_hardened.sh PROGRAM LIBRARY FORTIFIED
#
# FORTIFIED: "yes" where the build asks libc to check sizes (see meson.build). Exits 77 without
# readelf.
set -euo pipefail
export LC_ALL=C

command -v readelf >/dev/null || exit 77
program=$1 library=$2 fortified=$3

# What FILE lacks, one word a line.
lacks() { # FILE program|library
    local head dynamic segments symbols
    head=$(readelf -hW "$1")
    dynamic=$(readelf -dW "$1")
    segments=$(readelf -lW "$1")
    symbols=$(readelf --dyn-syms -W "$1")
    grep -q 'Type: *DYN' <<<"$head" || echo pie
    [ "$2" = library ] || grep -q 'FLAGS_1.*PIE' <<<"$dynamic" || echo pie-flag
    grep -q GNU_RELRO <<<"$segments" || echo relro
    grep -Eq 'BIND_NOW|FLAGS_1.*NOW' <<<"$dynamic" || echo bind-now
    grep -Eq 'GNU_STACK.* RW +0x' <<<"$segments" || echo nx
    ! grep -Eq 'LOAD.* RWE ' <<<"$segments" || echo w-or-x
    grep -q __stack_chk_fail <<<"$symbols" || echo canary
    [ "$fortified" != yes ] || grep -Eq '__[a-z]+_chk(@|$| )' <<<"$(grep -v stack_chk <<<"$symbols")" ||
        echo fortify
    ! grep -Eq 'RPATH|RUNPATH.*(/tmp|\[\]|:\])' <<<"$dynamic" || echo rpath
}

status=0
found=$(lacks "$program" program)
[ -z "$found" ] || { echo "'$program' lacks:" $found && status=1; }
found=$(lacks "$library" library)
[ -z "$found" ] || { echo "'$library' lacks:" $found && status=1; }

# The control: a program made without any of it.
if command -v cc >/dev/null; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    printf 'int main(void)\n{\n    return 0;\n}\n' >"$folder/bare.c"
    cc -o "$folder/bare" "$folder/bare.c" -no-pie -fno-pie -fno-stack-protector \
        -Wl,-z,norelro,-z,lazy,-z,execstack 2>/dev/null || exit "$status"
    fortified=no
    found=$(lacks "$folder/bare" program | tr '\n' ' ')
    [ "$found" = "pie pie-flag relro bind-now nx canary " ] ||
        { echo "of a bare program it was found to lack: $found" && status=1; }
fi
exit "$status"
