# complete.zsh FOLDER LINE: what zsh would offer for a command line, by the completions in FOLDER.
#
# An interactive zsh on a terminal of its own; its compadd, which all completions end in, writes what matches to a file.
zmodload zsh/zpty
folder=$1 line=$2 offered=$(mktemp)
zpty -b shell "TERM=xterm zsh -f -i"
zpty -w shell "fpath=(${(q)folder} \$fpath); autoload -Uz compinit; compinit -C -d ${(q)folder}.dump"
zpty -w shell "compadd() {
  local -a matches
  if (( ! \${argv[(I)-[OAD]]} )); then
    builtin compadd -O matches \"\$@\"
    print -rl -- \$matches >>${(q)offered}
  fi
  builtin compadd \"\$@\"
}
all() { print -r -- complete >>${(q)offered}; }
zle -N all
bindkey '^X' all
zstyle ':completion:*' list-prompt ''
zstyle ':completion:*' menu no
LISTMAX=10000
bindkey '^I' list-choices; PROMPT=rea\$(echo dy)"
# The prompt is the sign that all of that was read.
while zpty -r shell text; do
  [[ $text == *ready* ]] && break
done
zpty -w -n shell "$line"$'\t\x18'
until [[ $(tail -n 1 $offered) == complete ]]; do
  zpty -r -t shell text || sleep 0.01
done
zpty -d shell
sed '$d' $offered
rm -f $offered
