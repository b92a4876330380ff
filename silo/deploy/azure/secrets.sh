#!/bin/sh
# Writes the secrets "cluster-secret" and "api-keys" of a key vault to /etc/air, with the identity of this VM. $1 is the vault's name.
set -eu
umask 077
token=$(curl --silent --fail --header Metadata:true \
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net" \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
fetch() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" \
        | curl --silent --fail --config - "https://$1.vault.azure.net/secrets/$2?api-version=7.4" \
        | sed 's/.*"value":"\([^"]*\)".*/\1/' > "$3"
}
fetch "$1" cluster-secret /etc/air/cluster.secret
fetch "$1" api-keys /etc/air/api.keys
