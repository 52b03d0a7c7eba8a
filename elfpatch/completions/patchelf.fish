# fish completion for patchelf, where that is elfpatch. What there is to complete is what --help prints.

for row in (patchelf --help 2>&1)
    # The name, the argument, and what it does.
    set -l parts (string replace -rf '^\s*\[--([a-z-]+) ?([^]]*)\]\s*(.*)$' '$1\t$2\t$3' -- $row | string split \t); or continue
    set -l argument
    switch "$parts[2]"
        case ''
        case '*FILE*'
            set argument -r -F
        case '*'
            set argument -x
    end
    complete -c patchelf -l $parts[1] $argument -d "$parts[3]"
end
