# fish completion for rt0-trace, another name of one command.
complete -c rt0-trace -w 'elfpatch trace'
