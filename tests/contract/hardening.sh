#!/bin/sh
# hardening.sh - the executable carries what a daemon that reads strangers' bytes should carry.
# Reads the file alone; what the running processes confine themselves to is another test's.
set -u

number=0
failed=0
result()
{
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

skip_all()
{
    echo "1..0 # SKIP $1"
    exit 0
}

[ "${TOCSIN_HARDENED:-no}" = yes ] || skip_all "built without optimisation or with a sanitizer"
command -v readelf >/dev/null || skip_all "readelf is not installed"

header=$(readelf -hW "$TOCSIN_BINARY")
segments=$(readelf -lW "$TOCSIN_BINARY")
dynamic=$(readelf -dW "$TOCSIN_BINARY")
symbols=$(nm -u "$TOCSIN_BUILD"/src/*.a)          # of our own objects, not of what they are linked with

echo "$header" | grep -q 'Type: *DYN'
result $? "position-independent executable"
echo "$segments" | grep -q 'GNU_RELRO'
result $? "relocations are read-only after start"
echo "$dynamic" | grep -Eq 'BIND_NOW|FLAGS.*NOW'
result $? "every symbol is bound at start"
echo "$segments" | grep 'GNU_STACK' | grep -q 'RW '
result $? "the stack is not executable"
! echo "$segments" | grep -Eq 'LOAD .* RWE '
result $? "no segment is writable and executable"
echo "$symbols" | grep -q '__stack_chk_fail'
result $? "stack protector"
echo "$symbols" | grep -Eq '__[a-z]+_chk'
result $? "fortified libc calls"
! echo "$dynamic" | grep -Eq 'RPATH|RUNPATH'
result $? "no library path of the build machine"
! echo "$dynamic" | grep -Eq 'NEEDED.*(libssl|libcrypto|libcurl\.so)'
result $? "one TLS library: GnuTLS, by libcurl too"
# Where libmicrohttpd is linked in, it is so without its TLS (src/http/no_tls.sh): the courier alone loads a TLS library.
echo "$dynamic" | grep -q 'NEEDED.*libmicrohttpd' || ! echo "$dynamic" | grep -q 'NEEDED.*libgnutls'
result $? "no TLS library in the processes that listen"
echo "1..$number"
exit $failed
