#!/bin/bash
# The commands of the README wherever their folder lies and whatever lies in it: odd paths, copies,
# folders configured by hand or by root, pictures that cannot be developed. They run on a stand-in of the
# source tree whose make takes the programs that are here; dpkg-query, apt-get and sudo are stubs.
. "$(dirname "$0")/lib.sh"

command -v automake > /dev/null && command -v gcc > /dev/null || exit 77
[ -x "$top_srcdir/contrib/quickstart" ] || exit 77
photo=$samples/photo
stubs=$work/stubs
said=$work/said
export TMPDIR=$work
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL TESTS # of the make that runs us

# ---- what stands in --------------------------------------------------------------------------

# stub NAME: a program of the lines of stdin.
stub()
{
	mkdir -p "$stubs"
	{ echo '#!/bin/sh'; cat; } > "$stubs/$1"
	chmod 755 "$stubs/$1"
}

# As if everything were installed; and nothing may be.
all_is_there()
{
	echo 'printf installed' | stub dpkg-query
	echo 'echo apt-get must not be called >&2; exit 1' | stub apt-get
	echo 'echo sudo must not be called >&2; exit 1' | stub sudo
}

# stand_in FOLDER: a source tree of two programs and one test; PROGRAMS names where they are taken from.
stand_in()
{
	mkdir -p "$1/contrib" "$1/tests/samples/photo" "$1/src"
	cp -p "$top_srcdir"/contrib/{quickstart,check,prepare.sh} "$1/contrib/"
	cp "$top_srcdir/tests/totals.sh" "$1/tests/"
	cp "$photo/fire.jpg" "$1/tests/samples/photo/"
	printf '%s\n' 'AC_INIT([standin], [1])' 'AC_CONFIG_AUX_DIR([build-aux])' 'AC_CONFIG_HEADERS([config.h])' \
		'AM_INIT_AUTOMAKE([foreign subdir-objects])' 'AC_PROG_CC' \
		'AC_CONFIG_FILES([Makefile])' 'AC_OUTPUT' > "$1/configure.ac"
	cat > "$1/Makefile.am" << END
noinst_PROGRAMS = probe
probe_SOURCES = src/probe.c
probe_CPPFLAGS = -DTOP='"\$(abs_top_srcdir)"'
noinst_SCRIPTS = darkroomd darkroom
darkroomd darkroom:
	cp '$(dirname "$DARKROOMD")'/\$@ \$@
CLEANFILES = darkroomd darkroom
TESTS = tests/one.sh
TEST_EXTENSIONS = .sh
floors:
	@echo ok
END
	echo 'int puts(const char *); int main(void) { return puts("first") < 0; }' > "$1/src/probe.c"
	printf '#!/bin/sh\n[ -e "$(dirname "$0")/samples" ] && echo "1 passed, 0 failed"\n' > "$1/tests/one.sh"
	chmod 755 "$1/tests/one.sh"
}

# run COMMAND...: its output in $said, its status.
run()
{
	PATH=$stubs:$PATH "$@" > "$said" 2>&1 < /dev/null
}

says() { grep -q -e "$1" "$said" || { sed 's/^/    /' "$said" | tail -n 15; return 1; }; }
does_not_say() { ! grep -q -e "$1" "$said"; }
fails_with() { local status=$1; shift; run "$@"; [ $? = "$status" ]; }
probe_says() { [ "$("$1/build/probe")" = "$2" ]; }
n_done() { [ "$(find "$1/spool/done" -type f | wc -l)" = "$2" ]; }
has_no_link() { [ ! -e "/tmp/darkroom-$(id -u)-$(printf %s "$1" | cksum | tr ' ' -)" ]; }

all_is_there
[ -x "$DARKROOMD" ] && [ "$(basename "$DARKROOMD")" = darkroomd ] || exit 77

note "paths that make cannot do with"
# shellcheck disable=SC2016
for odd in plain "dark room" "it's \$1 #2: a&b;c" -dash 'dunkle Kämmer' '"\x"'; do
	top=$work/odd/$odd
	stand_in "$top"
	ok "quickstart in: $odd" run "$top/contrib/quickstart"
	ok "  it is developed" n_done "$top" 1
	ok "  no link is left" has_no_link "$top"
done
ok "check in: $odd" run "$top/contrib/check"
ok "  it counts three" says '^3 passed, 0 failed$'
ok "check once more, where all is built" run "$top/contrib/check"
stand_in "$work/odd/two"$'\n'"lines"
ok "a line break in the path" fails_with 1 "$work/odd/two"$'\n'"lines/contrib/quickstart"
ok "  is said before anything is made" says 'line break'

note "copied with its build"
cp -a "$work/odd/plain" "$work/copied"
echo 'int puts(const char *); int main(void) { return puts("second") < 0; }' > "$work/copied/src/probe.c"
ok "quickstart" run "$work/copied/contrib/quickstart"
ok "  builds what lies in the copy" probe_says "$work/copied" second
ok "  and says so" says 'for another folder'
ok "once more" run "$work/copied/contrib/quickstart"
ok "  as it is" does_not_say 'for another folder'
mv "$work/odd/dark room" "$work/odd/bright room"
echo 'int puts(const char *); int main(void) { return puts("third") < 0; }' > "$work/odd/bright room/src/probe.c"
ok "moved, at an odd path" run "$work/odd/bright room/contrib/quickstart"
ok "  builds what lies there" probe_says "$work/odd/bright room" third

note "configured by hand"
stand_in "$work/hand"
(cd "$work/hand" && autoreconf -fi && ./configure && make) > "$work/hand.log" 2>&1
ok "by hand" [ -x "$work/hand/probe" ]
ok "quickstart" run "$work/hand/contrib/quickstart"
ok "check" run "$work/hand/contrib/check"
ok "  its log is where it was built" [ -e "$work/hand/tests/one.log" ]
make -C "$work/hand" distclean > /dev/null 2>&1
ok "after make distclean" run "$work/hand/contrib/quickstart"
ok "  it is built in build/" [ -x "$work/hand/build/probe" ]

note "how they are called"
plain=$work/odd/plain
mkdir "$work/bin"
ln -s "$plain/contrib/quickstart" "$work/bin/see it"
ok "through a link" run "$work/bin/see it"
ok "by sh" run sh "$plain/contrib/quickstart"
cd "$work" || exit 99
cp "$photo/wine.jpg" "$work/-rf.jpg"
ok "a name that begins with -" run "$plain/contrib/quickstart" -rf.jpg
ok "  is developed" [ -e "$plain/spool/done/-rf.jpg" ]
mkdir -p one two
cp "$photo/wine.jpg" one/same.jpg
cp "$photo/dunes.jpg" two/same.jpg
before=$(find "$plain/spool/done" -type f | wc -l)
ok "two of one name" run "$plain/contrib/quickstart" one/same.jpg two/same.jpg
ok "  are two" n_done "$plain" $((before + 2))

note "pictures that are none"
head -c 20000 "$photo/fire.jpg" > cut.jpg
: > empty.jpg
ok "a truncated one: status 1" fails_with 1 "$plain/contrib/quickstart" cut.jpg "$photo/fire.jpg"
ok "  it is named, with the reason" says 'its end is missing'
ok "  the others are developed" says '+ .*fire'
ok "an empty one" fails_with 1 "$plain/contrib/quickstart" empty.jpg
ok "  is said to be" says 'empty.jpg is empty'
ok "one that is not there" fails_with 1 "$plain/contrib/quickstart" nowhere.jpg
ok "  is named" says 'no nowhere.jpg'
mkdir -p trip
cp "$samples/bad/notes.txt" trip/notes.jpg
ok "in a folder, no picture" fails_with 1 "$plain/contrib/quickstart" trip
ok "  is named" says 'trip/notes.jpg'

note "packages"
echo 'case "$*" in *automake) printf unknown ;; *) printf installed ;; esac' | stub dpkg-query
if [ "$(id -u)" = 0 ]; then
	ok "apt-get cannot: status 1" fails_with 1 "$plain/contrib/quickstart"
	ok "  what it said is shown" says 'must not be called'
	# As somebody else: what root left, and a sudo that says no.
	someone=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod 755 "$work"
	ok "what root built" fails_with 1 "${someone[@]}" "$plain/contrib/quickstart"
	ok "  is said to be root's" says 'belongs to root'
	ok "  and what to type" says 'sudo chown -R'
	ok "  nothing else" does_not_say 'installing'
	chown -R 65534:65534 "$plain"
else
	someone=()
fi
echo 'echo "sudo: a password is required" >&2; exit 1' | stub sudo
ok "sudo refuses" fails_with 1 "${someone[@]}" "$plain/contrib/quickstart"
ok "  once" [ "$(grep -c 'password is required' "$said")" = 1 ]
ok "  and it says what to type" says 'apt-get update && apt-get install .*automake'
finish
