# shellcheck shell=bash
# The images that the Dockerfile and docker-compose.yml build on, made of Debian's packages under the official names, for machines
# that reach no image registry. Sourced by bin/compose-check; images that are there already are left as they are.

debian_release=bookworm
base_image=docker.io/library/debian:$debian_release-slim
swift_image=docker.io/library/swift:6.3-$debian_release
postgres_version=15
postgres_image=docker.io/library/postgres:$postgres_version-$debian_release
nginx_version=1.22
nginx_image=docker.io/library/nginx:$nginx_version

# Without names of their own, the packages' sources are those that this machine uses.
debian_site() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' |
        awk -v of="$1" '$1 == "Debian" && $2 == of { print $3; exit }'
}

debian_sources() {
    local suite site
    for suite in "$debian_release" "$debian_release-updates" "$debian_release-security"; do
        site=$(debian_site "$suite")
        [ -z "$site" ] || echo "deb $site $suite main"
    done
}

# debian_root FOLDER PACKAGE...: the files of a minimal Debian.
debian_root() {
    local folder=$1 list site
    shift
    list=$(IFS=,; echo "$*")
    [ -n "$(debian_site "$debian_release")" ] || as_root apt-get update -q >&2
    site=$(debian_site "$debian_release")
    [ -n "$site" ] || die "apt knows no source of Debian $debian_release: add one to /etc/apt/sources.list.d"
    debootstrap --variant=minbase ${list:+--include="$list"} "$debian_release" "$folder" "$site" >&2
    debian_sources >"$folder/etc/apt/sources.list"
    rm -rf "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/* "$folder"/var/log/*.log
}

# The files that the "slim" images leave out too.
slim() {
    rm -rf "$1"/usr/share/{doc,man,info,locale,lintian}/*
}

import_root() {
    tar -C "$1" --numeric-owner -c . | podman import --quiet "${@:3}" - "$2" >&2
}

make_base() {
    local folder=$work/root-debian
    debian_root "$folder"
    slim "$folder"
    import_root "$folder" "$base_image" --change 'CMD ["bash"]' --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    rm -rf "$folder"
}

# The toolchain is this machine's; what it needs beside itself is what the official image installs.
make_swift() {
    local folder=$work/root-swift toolchain
    toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
    debian_root "$folder" binutils ca-certificates git libc6-dev libcurl4 libedit2 libgcc-12-dev libncurses6 libpython3.11 \
        libsqlite3-0 libstdc++-12-dev libxml2 libz3-4 pkg-config tzdata unzip zlib1g-dev
    slim "$folder"
    # Editors, debuggers and their libraries build nothing.
    tar -C "$toolchain" --exclude='*lldb*' --exclude='*sourcekit*' --exclude='*SourceKit*' --exclude=bin/docc --exclude=bin/clangd -c . |
        tar -C "$folder/usr" --keep-directory-symlink -x
    package_mirror >"$folder/etc/gitconfig"
    import_root "$folder" "$swift_image" --change 'CMD ["bash"]' --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    rm -rf "$folder"
}

# Where this machine's git takes packages from a folder instead of the network, the build does too.
package_mirror() {
    git config --get-regexp '^url\..*\.insteadof$' | while read -r key from; do
        printf '[url "%s"]\n\tinsteadOf = %s\n' "$(mirror_folder "$key")" "$from"
    done
}

mirror_folder() {
    local folder=${1#url.}
    echo "${folder%.*}"
}

# The arguments that show those folders to a build.
package_volumes() {
    git config --get-regexp '^url\..*\.insteadof$' | while read -r key _; do
        [ ! -d "$(mirror_folder "$key")" ] || printf -- '--volume\n%s:%s:ro\n' "$(mirror_folder "$key")" "$(mirror_folder "$key")"
    done | awk 'NR % 2 { flag = $0; next } !seen[$0]++ { print flag; print }'
}

make_postgres() {
    build_image "$postgres_image" "$root/deploy/check" <<STAND_IN
FROM $base_image
RUN apt-get update -q && apt-get install -y -q --no-install-recommends postgresql-common \
    && sed -i 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && apt-get install -y -q --no-install-recommends postgresql-$postgres_version && rm -rf /var/lib/apt/lists/*
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/$postgres_version/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres", "-c", "listen_addresses=*"]
STAND_IN
}

make_nginx() {
    build_image "$nginx_image" "$root/deploy/check" <<STAND_IN
FROM $base_image
RUN apt-get update -q && apt-get install -y -q --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
STOPSIGNAL SIGQUIT
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
STAND_IN
}

# build_image NAME FOLDER [OPTION...]: of the Dockerfile on standard input, or that of the options.
build_image() {
    local name=$1 folder=$2
    shift 2
    podman build --isolation chroot --format docker --pull-never --layers --tag "$name" --file - "$@" "$folder" >&2
}

# need_image NAME COMMAND
need_image() {
    if ! podman image exists "$1"; then
        step "$1 from Debian's packages"
        "$2"
    fi
}
