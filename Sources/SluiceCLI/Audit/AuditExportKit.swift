/// What goes with an export, so that nobody needs Sluice to judge it.
enum AuditExportKit {
    static let script = #"""
        #!/bin/sh
        # Checks an export of Sluice's ledger: that the chain of seals is whole, and that the rows are those that were sealed.
        #
        #     sh verify.sh [HEAD]
        #
        # HEAD is a chain that was kept elsewhere, such as in a replica's log: the chain has to hold it. Needs sha256sum and the
        # tools of POSIX. Exits with 1 when something differs.
        set -eu
        cd "$(dirname "$0")"
        LC_ALL=C
        export LC_ALL
        tab=$(printf '\t')
        head=${1:-}
        differences=0 seals=0 checked=0 rows=0 previous= held=
        fresh=0000000000000000000000000000000000000000000000000000000000000000

        digest() { sha256sum | cut -c 1-64; }
        differs() {
            echo "DIFFERS: $1"
            differences=$((differences + 1))
        }

        # What the ranges of a seal say, and what the files hold.
        check_part() {
            list=$(awk -F '\t' -v seal="$number" -v part="$1" '$1 == seal && $2 == part' "rows/$day/ranges.tsv")
            sealed=$({ [ -z "$list" ] || printf '%s\n' "$list"; } | awk -F '\t' '{ print $5 }' | digest)
            [ "$sealed" = "$3" ] || differs "$day $ledger, seal $number: its $1 ranges do not make its digest"
            found=0
            [ -z "$list" ] || while IFS=$tab read -r _ _ ordinal count sha256 file; do
                lines=$(wc -l < "rows/$day/$file")
                [ "$lines" -eq "$count" ] && [ "$(digest < "rows/$day/$file")" = "$sha256" ] ||
                    differs "$day $ledger, seal $number: $1 range $ordinal, file rows/$day/$file: $count rows were sealed, $lines are there"
                found=$((found + count))
            done <<LIST
        $list
        LIST
            [ "$found" -eq "$2" ] || differs "$day $ledger, seal $number: $2 $1 rows were sealed, $found are listed"
            rows=$((rows + found))
        }

        broken=$(sha256sum -c SHA256SUMS 2> /dev/null | grep -v ': OK$' || true)
        [ -z "$broken" ] || differs "files that are not those that were written: $broken"

        while IFS= read -r line; do
            seals=$((seals + 1))
            body=${line%"$tab"*}
            chain=${line##*"$tab"}
            IFS=$tab read -r before number ledger day amendment format count sha256 late_count late_sha256 sealed_at <<BODY
        $body
        BODY
            [ "$number" = "$seals" ] || differs "seal $number stands where seal $seals belongs"
            [ "$before" = "${previous:-$fresh}" ] || differs "seal $number does not follow from the one before it"
            [ "$(printf '%s\n' "$body" | digest)" = "$chain" ] || differs "seal $number was changed: its chain is not its SHA-256"
            [ "$format" = 1 ] || differs "seal $number has format $format, which this script does not know"
            [ "$chain" != "$head" ] || held=yes
            previous=$chain
            if grep -qx "$number" exported.txt; then
                checked=$((checked + 1))
                check_part ordered "$count" "$sha256"
                check_part late "$late_count" "$late_sha256"
            fi
        done < seals.tsv

        [ -z "$head" ] || [ -n "$held" ] || differs "the chain does not hold $head: seals were removed, or replaced"
        echo "$seals seals, the newest ${previous:-none}"
        echo "$checked of them compared with their rows, $rows rows; the rows of the others are not in this export"
        [ "$differences" -eq 0 ] || exit 1
        echo "Everything is as it was sealed."

        """#

    static let readme = """
        # An export of Sluice's ledger

        `sh verify.sh` compares everything here. It needs `sha256sum` and the tools of POSIX, no network and no database. Give it
        a chain that was kept outside the database, such as one that a replica logged as `ledger sealed`: only that shows that
        nothing up to there was made anew.

        | file | what it is |
        |---|---|
        | `seals.tsv` | every seal, a line each: previous, seal, ledger, day, amendment, format, rows, digest, late rows, late digest, sealed at, chain |
        | `seals.json` | the same |
        | `exported.txt` | the seals whose rows are here |
        | `rows/DAY/*.tsv` | the rows of a UTC day, in the order of their keys, at most 65,536 a file |
        | `rows/DAY/ranges.tsv` | those files: seal, part, number, rows, SHA-256, name |
        | `SHA256SUMS` | all files, for `sha256sum -c` |

        How it hangs together, in format 1:

        - A row is what PostgreSQL's `COPY … TO STDOUT` writes in text format, in UTF-8, with times in UTC: columns separated by
          tabs, `\\N` for null, `\\t`, `\\n`, `\\\\` and the like for characters within a text.
        - `digest` of a seal is the SHA-256 of the lines that the SHA-256 of its files make, in lower-case hexadecimal: of the
          parts `ordered` (calls that were decided in order, settlements) and `late` (calls that were let through while the
          database could not decide).
        - `chain` is the SHA-256 of the seal's line up to the tab before `chain`, line feed included. The line begins with the
          chain of the seal before; with zeros for the first.
        - Late calls that come after their day was sealed are in a seal of their own, an amendment of that day. A seal never
          changes.

        Columns of calls: user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode, id_supplied, route,
        model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost.

        Columns of settlements: user_id, settled_at, call_id, admitted_at, model, input_tokens, cached_tokens,
        cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd, price_id, basis, is_correction, status, duration_ms,
        replica, input_total, output_total, cost_total, total_since. Costs are in nano-USD.

        """
}
