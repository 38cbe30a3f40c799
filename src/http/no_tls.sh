#!/bin/sh
# no_tls.sh - prints as C what libmicrohttpd's archive calls of GnuTLS, without GnuTLS: who gets there ends the process.
#
# Runs when Tocsin is built: no_tls.sh ARCHIVE. The doors speak plain HTTP and no option that would start TLS is ever given
# (http/server.c), so that none of these is reached but what libmicrohttpd does once for all, which is nothing then.
# Always: made from the archive that is linked, so that each version of it finds all that it asks for.
set -eu

names=$(nm -u "$1" 2>/dev/null | sed -n 's/^ *U \(gnutls_[a-z0-9_]*\)$/\1/p' | LC_ALL=C sort -u)

echo '/* Made by no_tls.sh. */'
echo '#pragma GCC visibility push(hidden)'
for name in $names; do
    case $name in
    gnutls_global_init) echo "int $name(void); int $name(void) { return 0; }" ;;
    gnutls_global_deinit) echo "void $name(void); void $name(void) {}" ;;
    *) echo "void $name(void); void $name(void) { __builtin_trap(); }" ;;
    esac
done
echo '#pragma GCC visibility pop'
echo 'extern const int no_tls; const int no_tls = 1; /* never an empty file */'
