# complete.bash FILE LINE: what bash would offer for a command line, by the completion in FILE.
# shellcheck shell=bash disable=SC1090
source "$1"
line=$2
# As bash takes a line apart: at blanks, and at each `=` and `:`.
mapfile -t COMP_WORDS < <(sed 's/[=:]/\n&\n/g; s/ \+/\n/g' <<<"$line" | sed '/^$/d')
[[ $line != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE=$line COMP_POINT=${#line}
compopt() {
  return 0
}
function=$(complete -p "${COMP_WORDS[0]##*/}" | sed 's/.*-F \([^ ]*\).*/\1/')
"$function" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]-}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
