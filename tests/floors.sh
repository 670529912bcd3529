#!/bin/sh
# floors.sh [top]: every #include "dir/x.h" must go to a floor that its own floor may see.
allowed='
base    base
image   base image
spool   base spool
conf    base image/limits.h image/rendition.h conf
work    base image work
master  base conf spool work master image/bad.h image/rendition.h
ctl     base conf spool work ctl image/bad.h image/rendition.h
.       base conf image spool work master ctl .
'
cd "${1:-.}/src" || exit 2
n_bad=0
n_seen=0
for file in $(find . -name '*.[ch]' | sed 's|^\./||' | sort); do
	case $file in */*) floor=${file%%/*} ;; *) floor=. ;; esac
	may=$(printf '%s' "$allowed" | awk -v f="$floor" '$1 == f { $1 = ""; print }')
	for header in $(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
		n_seen=$((n_seen + 1))
		case $header in */*) up=${header%%/*} ;; *) up=. ;; esac
		case " $may " in
		*" $up "* | *" $header "*) ;;
		*) echo "src/$file: must not include $header"; n_bad=$((n_bad + 1)) ;;
		esac
	done
done
[ "$n_seen" -gt 0 ] || { echo "floors.sh: no #include found, is this the source tree?"; exit 2; }
[ "$n_bad" -eq 0 ] && echo "floors: $n_seen includes, all of them downwards"
exit "$((n_bad > 0))"
