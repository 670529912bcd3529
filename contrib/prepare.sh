# shellcheck shell=bash
# prepare.sh - what a bare Debian 12 lacks, and the build; sourced by quickstart, check, .ci/run.
# Wants: bash, and $top, the top of the source tree.

packages_build="autoconf automake gcc libc6-dev make pkg-config
	libinotifytools0-dev libiniparser-dev libjpeg-dev libpng-dev libzimg-dev
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

# Install what is missing of the packages named; what apt-get says is kept in a file.
packages_install()
{
	local missing install="install -y --no-install-recommends" said=$top/build/packages.log
	command -v dpkg-query > /dev/null ||
		die "no dpkg here; on a system other than Debian install by hand what stands for: $*"
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	[ "$(id -u)" = 0 ] || command -v sudo > /dev/null ||
		die "packages are missing, and there is no sudo; as root, type:
apt-get update && apt-get $install $missing"
	say "installing what is missing: $missing"
	[ "$(id -u)" = 0 ] || say "(this needs root: sudo may ask for your password)"
	mkdir -p "$top/build" && : > "$said" || die "cannot write $said"
	# The lists of packages are fetched only when apt does not know a package, or when what
	# it knows is no longer there.
	# shellcheck disable=SC2086
	{
		apt-get -qq install --dry-run $missing > /dev/null 2>&1 || packages_apt update
		packages_apt $install $missing || { packages_apt update && packages_apt $install $missing; }
	} >> "$said" || {
		tail -n 20 "$said" >&2
		die "apt-get could not install them; all that it said is in $said"
	}
	missing=$(packages_missing "$@")
	[ -z "$missing" ] || die "apt-get ended well, but these are still missing: $missing"
}

# Run a command with its output in a file that is shown only when the command fails.
prepare_quietly()
{
	local log=$1
	shift
	"$@" > "$log" 2>&1 < /dev/null && return 0
	tail -n 40 "$log" >&2
	die "'$*' failed; the whole output is in $log"
}

# Build in FOLDER, with the configure options that follow.
prepare_build()
{
	local build=$1 wanted
	shift
	mkdir -p "$build" || die "cannot make the folder $build"
	if [ ! -x "$top/configure" ] || [ ! -f "$top/Makefile.in" ] || [ ! -f "$top/config.h.in" ]; then
		say "making configure (autoreconf)"
		prepare_quietly "$build/autoreconf.log" autoreconf -fi "$top"
	fi
	# Other options, or a library that came later: configure has to look again.
	# shellcheck disable=SC2086
	wanted="$* without: $(packages_missing $packages_build $packages_test)"
	if [ ! -f "$build/Makefile" ] || [ "$(cat "$build/configured" 2>&1)" != "$wanted" ]; then
		say "configuring in ${build#"$PWD"/} ${*:+with $*}"
		(cd "$build" && prepare_quietly "configure.log" "$top/configure" "$@") || exit 1
		printf '%s\n' "$wanted" > "$build/configured"
	fi
	say "building in ${build#"$PWD"/}"
	prepare_quietly "$build/make.log" make -C "$build" -j "$(nproc)"
}

# make check in FOLDER, with the logs of what failed.
check_run()
{
	local build=$1
	say "running the tests in ${build#"$PWD"/}"
	find "$build/tests" \( -name '*.trs' -o -name '*.log' \) -delete 2> /dev/null
	make -C "$build" -k -j "$(nproc)" check < /dev/null 2>&1 | grep -E '^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): |\*\*\*|[Ee]rror:'
	check_show_failed "$build"
}

# One more test, NAME, beside those of make check: its log and its result lie where theirs do.
check_one()
{
	local build=$1 name=$2 result=FAIL
	shift 2
	mkdir -p "$build/tests"
	(cd "$build" && "$@") > "$build/tests/$name.log" 2>&1 < /dev/null && result=PASS
	printf ':test-result: %s\n' "$result" > "$build/tests/$name.trs"
	tail -n 20 "$build/tests/$name.log"
}

check_show_failed()
{
	local trs log
	grep -lE '^:test-result: (FAIL|XPASS|ERROR)' -r --include='*.trs' "$1/tests" | sort |
	while read -r trs; do
		log=${trs%.trs}.log
		printf '\n---- %s failed: %s\n' "$(basename "$log" .log)" "$log"
		grep -aE '^not ok|\[(FAIL|CRASH)\]' "$log" | head -n 60
		printf -- '---- its end\n'
		tail -n 80 "$log"
	done
}
