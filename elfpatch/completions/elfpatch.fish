# fish completion for elfpatch. What there is to complete is what --help prints.

function __elfpatch_file --description 'The first word of the command line that is a file'
    for word in (commandline -opc)[2..-1]
        test -f $word; and echo $word; and return
    end
    return 1
end

function __elfpatch_names --description 'Names in the file of the command line: needed, runpath or symbols' --argument-names what end
    set -l file (__elfpatch_file); or return 0
    switch $what
        case needed runpath
            elfpatch set --print=$what $file 2>/dev/null | string split :
        case symbols
            nm -D $file 2>/dev/null | string replace -r '^.* ' '' | string replace -r '@.*$' "$end"
    end
end

complete -c elfpatch -f -n __fish_use_subcommand -l help -d 'Print the commands'
complete -c elfpatch -f -n __fish_use_subcommand -l version -d 'Print the version'
complete -c elfpatch -f -n __fish_use_subcommand -a help -d 'Print the usage of a command'

for line in (elfpatch --help 2>/dev/null | string match -r '^  [a-z]+ .*$')
    set -l command (string match -r '[a-z]+' -- $line)
    set -l summary (string replace -r '^ *[a-z]+ *' '' -- $line)
    complete -c elfpatch -f -n __fish_use_subcommand -a $command -d $summary
    complete -c elfpatch -f -n '__fish_seen_subcommand_from help' -a $command -d $summary
    set -l usage (elfpatch help $command 2>/dev/null)
    set -l fields (string join \n -- $usage | sed -n '/^fields:/,/^$/s/^  //p' | string split ' ')
    set -l flags (string join \n -- $usage | sed -n '/^flags:/,/^$/s/^  //p' | string split ' ')
    # What goes on in the next line becomes one.
    for row in (string join \n -- $usage | sed ':a; N; $!ba; s/\n \{32\}\([^ ]\)/ \1/g')
        # The letter, the name, the argument, and what it does.
        set -l parts (string replace -rf '^  (?:-|  )(.|),? +--([a-z0-9-]+)=?(\S*) *(.*)$' '$1\t$2\t$3\t$4' -- $row | string split \t); or continue
        set -l letter
        string match -qr . -- (string trim -- $parts[1]); and set letter -s $parts[1]
        set -l argument
        if test -n "$parts[3]"
            switch $parts[3]
                case '*|*'
                    set argument -x -a "$(string split '|' -- $parts[3])"
                case FIELD
                    set argument -x -a "$fields"
                case FLAG
                    set argument -x -a "$flags"
                case FILE PATH
                    set argument -r -F
                case FOLDER
                    set argument -x -a '(__elfpatch_names runpath; __fish_complete_directories)'
                case 'SYMBOL=*'
                    set argument -x -a '(__elfpatch_names symbols =)'
                case SYMBOL
                    set argument -x -a '(__elfpatch_names symbols)'
                case '*'
                    set argument -x
                    string match -q '*needed-re*' -- $parts[2]; and set -a argument -a '(__elfpatch_names needed)'
            end
        end
        complete -c elfpatch -n "__fish_seen_subcommand_from $command" $letter -l $parts[2] $argument -d "$parts[4]"
    end
end
