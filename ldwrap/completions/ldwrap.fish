# fish completion for ldwrap: its own options, which --rt0-help prints, and else what the compiler driver has.

# As the command that ldwrap stands in front of.
complete -c ldwrap -x -a '(__fish_complete_subcommand)'

# What goes on in the next line becomes one.
for row in (ldwrap --rt0-help 2>/dev/null | sed ':a; N; $!ba; s/\n \{32\}\([^ ]\)/ \1/g')
    # The name, the argument, and what it does.
    set -l parts (string replace -rf '^  --(rt0[a-z0-9-]*)=?(\S*) *(.*)$' '$1\t$2\t$3' -- $row | string split \t); or continue
    set -l argument
    switch "$parts[2]"
        case ''
        case FILE
            set argument -r -F
        case '*|*'
            set argument -x -a "$(string replace 'call:SYM' 'call:' -- $parts[2] | string split '|')"
        case '*'
            set argument -x
    end
    complete -c ldwrap -l $parts[1] $argument -d "$parts[3]"
end
