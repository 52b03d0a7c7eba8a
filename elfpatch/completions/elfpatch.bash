# bash completion for elfpatch, also by its names rt0-trace and patchelf.
# shellcheck shell=bash
#
# What there is to complete is what --help prints, so nothing here has to be kept in step with it.

# The words so far, as typed: bash takes them apart at the `=` and `:` in COMP_WORDBREAKS. Sets `words` and `head`, the
# part of the last word that readline leaves as it is.
_elfpatch_join() {
  local i piece glue=
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    case $piece in
      = | : | := | =:) glue=yes ;;
      *)
        if [ -z "$glue" ]; then
          words+=("$piece")
          continue
        fi
        glue=
        ;;
    esac
    words[${#words[@]} - 1]+=$piece
  done
  case $piece in = | : | := | =:) piece= ;; esac
  head=${words[${#words[@]} - 1]%"$piece"}
}

# _elfpatch_reply TYPED HEAD CANDIDATE…: those that begin as typed.
_elfpatch_reply() {
  local typed=$1 candidate
  for candidate in "${@:3}"; do
    [[ $candidate != "$typed"* ]] || COMPREPLY+=("${candidate#"$2"}")
  done
  # A word that goes on has no space behind it.
  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

# _elfpatch_files TYPED HEAD [-d]: files, or folders. TYPED may begin with text that is no part of the name.
_elfpatch_files() {
  local name
  while IFS= read -r name; do
    COMPREPLY+=("$name")
  done < <(compgen "${3:--f}" -- "${1#"$2"}")
  compopt -o filenames 2>/dev/null
}

# The first of the words that is a file.
_elfpatch_file() {
  local word
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [ -f "$word" ]; then
      printf '%s\n' "$word"
      return
    fi
  done
  return 1
}

# _elfpatch_names FORM OPTION: candidates for an argument of that form, one a line.
_elfpatch_names() {
  local file
  case $1 in
    *\|*)
      tr '|' '\n' <<<"$1"
      return
      ;;
    FIELD) sed -n '/^fields:/,/^$/s/^  //p' <<<"$help" | tr ' ' '\n' ;;
    FLAG) sed -n '/^flags:/,/^$/s/^  //p' <<<"$help" | tr ' ' '\n' ;;
  esac
  file=$(_elfpatch_file) || return 0
  case $1:$2 in
    *:*needed-remove | *:*remove-needed) elfpatch set --print=needed "$file" ;;
    *:*needed-replace | *:*replace-needed) elfpatch set --print=needed "$file" | sed "s/$/${1:+${3-}}/" ;;
    *:--runpath-remove) elfpatch set --print=runpath --print=rpath "$file" | tr : '\n' ;;
    SYMBOL:*) nm -D "$file" | awk '{ sub(/@.*/, "", $NF); print $NF }' ;;
    SYMBOL=BYTE:*) nm -D --defined-only "$file" | awk '$2 ~ /^[BDGRSV]$/ { sub(/@.*/, "", $NF); print $NF "=" }' ;;
    OLD=NEW:--symbol-rename) nm -D "$file" | awk '{ sub(/@.*/, "", $NF); print $NF "=" }' ;;
  esac 2>/dev/null
}

# _elfpatch_argument FORM OPTION TYPED HEAD PREFIX: the argument of an option, PREFIX what stands in front of it in TYPED
_elfpatch_argument() {
  local names=()
  case $1 in
    FILE | FILENAME | NAME_MAP_FILE | PATH) _elfpatch_files "$3" "$4" ;;
    FOLDER | RPATH)
      mapfile -t names < <(_elfpatch_names "$1" "$2")
      _elfpatch_reply "$3" "$4" "${names[@]/#/$5}"
      [ ${#COMPREPLY[@]} -gt 0 ] || _elfpatch_files "$3" "$4" -d
      ;;
    *)
      mapfile -t names < <(_elfpatch_names "$1" "$2" =)
      _elfpatch_reply "$3" "$4" "${names[@]/#/$5}"
      ;;
  esac
}

_elfpatch() {
  local words=() candidates=() head help options typed before form
  COMPREPLY=()
  _elfpatch_join
  # Another name of one command.
  [[ ${words[0]} != *rt0-trace ]] || words=(elfpatch trace "${words[@]:1}")
  typed=${words[${#words[@]} - 1]}
  if [ ${#words[@]} -le 2 ] || { [ "${words[1]}" = help ] && [ ${#words[@]} -eq 3 ]; }; then
    mapfile -t candidates < <(elfpatch --help 2>/dev/null | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
    [ ${#words[@]} -gt 2 ] || candidates+=(help --help --version)
    _elfpatch_reply "$typed" "$head" "${candidates[@]}"
    return
  fi
  help=$(elfpatch help "${words[1]}" 2>/dev/null)
  # Each option as --name or --name=FORM.
  options=$(sed -n 's/^  \(   \|-.,\) \(--[^ ]*\).*/\2/p' <<<"$help")
  before=${words[${#words[@]} - 2]}
  case $before in
    -o) before=--output ;;
    -j) before=--jobs ;;
  esac
  form=$(sed -n "s/^$before=//p" <<<"$options" 2>/dev/null)
  if [[ $typed == --*=* ]]; then
    before=${typed%%=*}
    form=$(sed -n "s/^$before=//p" <<<"$options")
    _elfpatch_argument "$form" "$before" "$typed" "$head" "$before="
  elif [[ $before == --* && -n $form ]]; then
    _elfpatch_argument "$form" "$before" "$typed" "$head" ''
  elif [[ $typed == -* ]]; then
    mapfile -t candidates < <(printf '%s\n' "$options" | sed 's/=.*/=/')
    _elfpatch_reply "$typed" "$head" "${candidates[@]}"
  elif [[ $typed == @* ]]; then
    _elfpatch_files "$typed" "@"
    COMPREPLY=("${COMPREPLY[@]/#/@}")
  else
    _elfpatch_files "$typed" "$head"
  fi
}

# Of patchelf's forms, which its help has as [--name FORM FORM].
_patchelf() {
  local words=() candidates=() head help options typed before form
  COMPREPLY=()
  _elfpatch_join
  typed=${words[${#words[@]} - 1]}
  options=$("$1" --help 2>&1 | sed -n 's/^ *\[\(-[^]]*\)\].*/\1/p')
  before=${words[${#words[@]} - 2]}
  form=$(sed -n "s/^$before \([A-Z_]*\).*/\1/p" <<<"$options" 2>/dev/null)
  if [[ $before == --* && -n $form ]]; then
    case $form in LIBRARY) form=NAME ;; esac
    _elfpatch_argument "$form" "$before" "$typed" "$head" ''
  elif [[ $typed == -* ]]; then
    mapfile -t candidates < <(printf '%s\n' "$options" | sed 's/ .*//')
    _elfpatch_reply "$typed" "$head" "${candidates[@]}"
  else
    _elfpatch_files "$typed" "$head"
  fi
}

complete -F _elfpatch elfpatch rt0-trace
complete -F _patchelf patchelf
