#!/bin/sh
# Start PostgreSQL on $PGDATA, and make a cluster there if it is empty.
#
#   GEN3BED_PROFILE         fast | durable: parameters in /etc/gen3bed/postgresql
#   POSTGRES_PASSWORD_FILE  file with the password of the superuser "postgres";
#                           read only when the cluster is made
#   PGDATA                  data directory, a subdirectory of the volume
#
# Arguments are passed on to the server, such as `-c work_mem=16MB`.  The one
# argument `initialise` makes a cluster without a password, for the image.
set -eu

cluster=/usr/share/gen3bed/cluster

fail() {
    echo "gen3bed-postgresql: $1" >&2
    echo "Hint: $2" >&2
    exit 64
}

make_cluster() {
    # Nobody gets in from another host without a password; the socket is for
    # the operating-system user "postgres" alone.
    initdb --pgdata="$PGDATA" --username=postgres --encoding=UTF8 --locale=C \
        --auth-local=peer --auth-host=scram-sha-256 "$@" >/dev/null
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
}

if [ "${1:-}" = initialise ]; then
    make_cluster --no-sync --no-instructions
    exit 0
fi

profile=/etc/gen3bed/postgresql/$GEN3BED_PROFILE.conf
[ -r "$profile" ] || fail "there is no profile $GEN3BED_PROFILE" "Set GEN3BED_PROFILE to fast or durable."

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    [ -r "$POSTGRES_PASSWORD_FILE" ] ||
        fail "the password file $POSTGRES_PASSWORD_FILE is missing or not readable" \
            "Mount a secret that user 1000 can read, and name it in POSTGRES_PASSWORD_FILE."
    password=$(cat "$POSTGRES_PASSWORD_FILE")
    [ -n "$password" ] ||
        fail "the password file $POSTGRES_PASSWORD_FILE is empty" "Write the password into it."
    if [ -d "$PGDATA" ] && ! rmdir "$PGDATA"; then
        fail "$PGDATA holds files but no cluster" "Point PGDATA to an empty or missing directory."
    fi
    # A start that was cut off leaves a cluster without a password, which
    # would be taken for a good one at the next start: so it is made beside
    # its place and renamed.  What an earlier one left is ours to remove.
    target=$PGDATA
    PGDATA=$target.new
    export PGDATA
    rm -rf "$PGDATA"
    mkdir -p "$(dirname "$target")"
    if [ "$GEN3BED_PROFILE" = fast ]; then
        cp -a "$cluster" "$PGDATA"
        options='-F'
    else
        make_cluster
        options=
    fi
    # The single-user server reads SQL from its input, so that the password
    # is on no command line; a quote in it is doubled.
    quoted=$(printf %s "$password" | sed "s/'/''/g")
    printf "ALTER ROLE postgres PASSWORD '%s'\n" "$quoted" |
        postgres --single $options -D "$PGDATA" -c log_min_error_statement=panic \
            -c password_encryption=scram-sha-256 postgres >/dev/null
    unset password quoted
    mv "$PGDATA" "$target"
    PGDATA=$target
fi

exec postgres -D "$PGDATA" -c config_file="$profile" -c listen_addresses='*' \
    -c unix_socket_directories=/run/postgresql "$@"
