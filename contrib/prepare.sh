# shellcheck shell=bash
# prepare.sh - what a bare Debian or Ubuntu lacks, and the build; sourced by quickstart, check, bare
# and .ci/run.
# Wants: bash, and $top, the top of the source tree.
# Gives: $build, where it is built: $top/build, or $top itself where somebody has configured that by
#        hand, for then make would take the objects that lie there for those of build/.

packages_build="autoconf automake gcc libc6-dev make pkg-config
	libinotifytools0-dev libiniparser-dev libjpeg-dev libpng-dev zlib1g-dev libzimg-dev
	liblcms2-dev libexif-dev libseccomp-dev libjansson-dev libxxhash-dev libsystemd-dev"
packages_bench="libvips-tools graphicsmagick netpbm libjpeg-turbo-progs" # make bench says so too
packages_test="libcriterion-dev libjpeg-turbo-progs liblcms2-utils libstb-dev pngcheck python3 rsync xz-utils
	patch libimage-exiftool-perl e2fsprogs xfsprogs btrfs-progs libfuse3-dev"
packages_shares="bindfs openssh-client openssh-sftp-server samba smbclient" # arrive.py does without

say()
{
	printf '==> %s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Those of the packages named that are not installed.
packages_missing()
{
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>&1)" = installed ] ||
			printf '%s ' "$package"
	done
}

# apt-get as root: directly or by sudo.
packages_apt()
{
	local sudo=()
	if [ "$(id -u)" != 0 ]; then
		sudo=(sudo)
		# Nobody is there to type a password.
		[ -t 0 ] || sudo=(sudo -n)
	fi
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" < /dev/null 2>&1
}

# May we call apt-get? Asked once, before anything is changed. COMMAND is what root has to type.
packages_may_install()
{
	local command=$1 said
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo > /dev/null || die "packages are missing, and there is no sudo; as root, type:
$command"
	say "(this needs root: sudo may ask for your password)"
	said=$(packages_apt --version) || die "packages are missing, and sudo does not let $(id -un) install them
($(head -n 1 <<< "$said")); as root, type:
$command"
}

# Install what is missing of the packages named; what apt-get says is kept in a file.
packages_install()
{
	local missing install="install -y --no-install-recommends" said=$build/packages.log
	command -v dpkg-query > /dev/null ||
		die "no dpkg here; on a system other than Debian install by hand what stands for: $*"
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	say "installing what is missing: $missing"
	packages_may_install "apt-get update && apt-get $install $missing"
	: > "$said" || die "cannot write $said"
	# The lists of packages are fetched only when apt does not know a package, or when what
	# it knows is no longer there.
	# shellcheck disable=SC2086
	{
		apt-get -qq install --dry-run $missing > /dev/null 2>&1 || packages_apt update
		packages_apt $install $missing || { packages_apt update && packages_apt $install $missing; }
	} >> "$said" || {
		tail -n 20 "$said" >&2
		die "apt-get could not install them; all that it said is in $said
(on Ubuntu some of them are in the component universe: add-apt-repository universe)"
	}
	missing=$(packages_missing "$@")
	[ -z "$missing" ] || die "apt-get ended well, but these are still missing: $missing"
}

# Run a command with its output in a file that is shown only when the command fails.
prepare_quietly()
{
	local log=$1
	shift
	: > "$log" || die "cannot write $log"
	"$@" > "$log" 2>&1 < /dev/null && return 0
	tail -n 40 "$log" >&2
	die "'$*' failed; the whole output is in $log"
}

# ---- where it is built -----------------------------------------------------------------------

# What is left to do when we end, however we end: functions.
prepare_at_end=()
prepare_end()
{
	local todo
	for todo in "${prepare_at_end[@]}"; do
		"$todo"
	done
}
trap prepare_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# prepare_writable PATH...: what an earlier run left there has to be ours to write.
prepare_writable()
{
	local path owner
	for path in "$@"; do
		[ -e "$path" ] && [ ! -w "$path" ] || continue
		owner=$(stat -c %U -- "$path")
		[ "$owner" != "$(id -un)" ] || die "$path cannot be written; is its disk read-only?"
		die "$path belongs to $owner, and $(id -un) may not write it; type:
sudo chown -R $(id -un) $(printf '%q' "$top")"
	done
}

# autoconf, automake and make cannot do with every path. $place is another name for $top that they can:
# $top, or a symbolic link to it in a folder of our own, which goes when we do. It is the same each
# time, since it stands in the Makefile.
prepare_place()
{
	local folder
	place=$top
	case $top in
	*[[:cntrl:]]*) die "there is a tab, a line break or the like in the path of this folder: rename it" ;;
	*[!A-Za-z0-9/_.,@+-]*) ;;
	*) return 0 ;;
	esac
	folder=/tmp/darkroom-$(id -u)-$(printf %s "$top" | cksum | tr ' ' -)
	mkdir -m 700 "$folder" 2> /dev/null || { [ ! -L "$folder" ] && [ -d "$folder" ] && [ -O "$folder" ]; } ||
		die "$folder is there, and not ours: remove it, or move $top to a path of plain letters"
	ln -sfn -- "$top" "$folder/source" || die "cannot make the link $folder/source"
	place=$folder/source
	prepare_at_end+=(prepare_leave_place)
}

prepare_leave_place()
{
	rm -f "$place"
	rmdir "${place%/*}" 2> /dev/null
}

# prepare_folder NAME [OPTION...]: set $build, $top/NAME for a build with these configure options. Says
# before anything is installed what cannot be.
prepare_folder()
{
	build=$top/$1
	shift
	[ ! -f "$top/config.status" ] || build=$top
	[ "$build" != "$top" ] || [ $# = 0 ] ||
		die "this folder is configured by hand; type: make -C $(printf '%q' "$top") distclean"
	prepare_writable "$top" "$top/autom4te.cache" "$top/configure" "$top/Makefile.in" "$build"
	[ "$build" = "$top" ] || [ ! -d "$build" ] ||
		prepare_writable "$(find "$build" ! -type l ! -writable -print -quit)"
	mkdir -p "$build" || die "cannot make the folder $build"
	[ -n "${place-}" ] || prepare_place
}

# Run a command in $build, by the name that make can do with.
prepare_inside()
{
	(cd "$place${build#"$top"}" && "$@")
}

# Was it configured for a place that it is not in any more? It would build what lies there.
prepare_is_copied()
{
	local sources
	[ -f "$build/Makefile" ] || return 1
	sources=$(sed -n 's/^abs_top_srcdir = //p' "$build/Makefile")
	[ "$(realpath -q -- "$sources")" != "$top" ]
}

# Configure $build, unless it was, with the same options, for the same place and libraries.
prepare_configure()
{
	local wanted
	# shellcheck disable=SC2086
	wanted="$* without: $(packages_missing $packages_build $packages_test)"
	if prepare_is_copied; then
		say "${build#"$PWD"/} was configured for another folder: building it anew"
		[ "$build" = "$top" ] || find "$build" -mindepth 1 -maxdepth 1 ! -name '*.log' ! -name bare -exec rm -rf {} +
		rm -f "$build/configured"
	fi
	[ ! -f "$build/Makefile" ] || [ "$(cat "$build/configured" 2>&1)" != "$wanted" ] || return 0
	say "configuring in ${build#"$PWD"/} ${*:+with $*}"
	if [ "$build" = "$top" ]; then
		prepare_inside prepare_quietly "$build/configure.log" ./config.status --recheck &&
			prepare_inside prepare_quietly "$build/configure.log" ./config.status
	else
		prepare_inside prepare_quietly "$build/configure.log" "$place/configure" "$@"
	fi || exit 1
	printf '%s\n' "$wanted" > "$build/configured"
}

# prepare_build [OPTION...]: build in the folder of prepare_folder.
prepare_build()
{
	if [ ! -x "$top/configure" ] || [ ! -f "$top/Makefile.in" ] || [ ! -f "$top/config.h.in" ]; then
		say "making configure (autoreconf)"
		(cd "$place" && prepare_quietly "$build/autoreconf.log" autoreconf -fi) || exit 1
	fi
	prepare_configure "$@"
	say "building in ${build#"$PWD"/}"
	prepare_inside prepare_quietly "$build/make.log" make -j "$(nproc)" || exit 1
}

# ---- tests -----------------------------------------------------------------------------------

# make check in $build, with the logs of what failed. The tests have a folder for what is temporary that
# they have to leave empty.
check_run()
{
	local temporary
	say "running the tests in ${build#"$PWD"/}"
	find "$build/tests" \( -name '*.trs' -o -name '*.log' \) -delete 2> /dev/null
	temporary=$(mktemp -d /tmp/darkroom-check.XXXXXX) || die "cannot make a folder in /tmp"
	chmod 755 "$temporary" # some tests of root go on as somebody else
	TMPDIR=$temporary prepare_inside make -k -j "$(nproc)" check < /dev/null 2>&1 |
		grep -E '^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): |\*\*\*|[Ee]rror:'
	check_show_failed
	check_one nothing-left check_left "$temporary"
}

# Did the tests leave nothing in FOLDER? What they did stays, to be looked at.
check_left()
{
	rmdir "$1" 2> /dev/null && return 0
	echo "left in $1:"
	ls -A "$1"
	return 1
}

# One more test, NAME, beside those of make check: its log and its result lie where theirs do.
check_one()
{
	local name=$1 result=FAIL
	shift
	mkdir -p "$build/tests"
	prepare_inside "$@" > "$build/tests/$name.log" 2>&1 < /dev/null && result=PASS
	printf ':test-result: %s\n' "$result" > "$build/tests/$name.trs"
	tail -n 20 "$build/tests/$name.log"
}

check_show_failed()
{
	local trs log
	grep -lE '^:test-result: (FAIL|XPASS|ERROR)' -r --include='*.trs' "$build/tests" | sort |
	while read -r trs; do
		log=${trs%.trs}.log
		printf '\n---- %s failed: %s\n' "$(basename "$log" .log)" "$log"
		grep -aE '^not ok|\[(FAIL|CRASH)\]' "$log" | head -n 60
		printf -- '---- its end\n'
		tail -n 80 "$log"
	done
}
