# bash completion for ldwrap: its own options, which --rt0-help prints, and else what the compiler driver has.
# shellcheck shell=bash

_ldwrap() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options form candidate
  local head='' candidates=()
  COMPREPLY=()
  # Where `=` is in COMP_WORDBREAKS, --rt0-start=con is three words.
  if [[ $current == = && $before == --rt0* ]]; then
    head=$before= current=$before=
  elif [[ $before == = && ${COMP_WORDS[COMP_CWORD - 2]} == --rt0* ]]; then
    head=${COMP_WORDS[COMP_CWORD - 2]}= current=$head$current
  fi
  if [[ $current == --rt0* || ($current == -* && $COMP_CWORD -eq 1) ]]; then
    options=$(ldwrap --rt0-help 2>/dev/null | sed -n 's/^  \(--rt0[^ ]*\).*/\1/p')
    if [[ $current == *=* ]]; then
      form=$(sed -n "s/^${current%%=*}=//p" <<<"$options")
      case $form in
        FILE)
          mapfile -t COMPREPLY < <(compgen -f -- "${current#*=}")
          [ -n "$head" ] || COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
          compopt -o filenames 2>/dev/null
          return
          ;;
        *\|*) mapfile -t candidates < <(tr '|' '\n' <<<"${form/call:SYM/call:}") ;;
      esac
      candidates=("${candidates[@]/#/${current%%=*}=}")
    else
      mapfile -t candidates < <(printf '%s\n' "$options" | sed 's/=.*/=/')
    fi
    for candidate in "${candidates[@]}"; do
      [[ $candidate != "$current"* ]] || COMPREPLY+=("${candidate#"$head"}")
    done
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace 2>/dev/null
  elif declare -F _command_offset >/dev/null; then
    # bash-completion's: as the command that ldwrap stands in front of.
    _command_offset 1
  elif [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
  fi
}

complete -F _ldwrap ldwrap
