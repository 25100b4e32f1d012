# bash completion for rexi
_rexi()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case $prev in
    --script-file|-s) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --policy-file|-p) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --schema-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --script-arguments-file|-a) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --script-arguments) return ;;
    --output-format|-o) COMPREPLY=($(compgen -W 'json pretty-json human' -- "$cur")); return ;;
    --limit|-l) COMPREPLY=($(compgen -W 'time= operations= memory= output= logs= files= processes= read= write= string= array= map= calls= source=' -- "$cur")); return ;;
    --audit) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --policy-check) COMPREPLY=($(compgen -W 'strict warn' -- "$cur")); return ;;
    --policy-sha256) return ;;
    completions) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$cur")); return ;;
    audit) COMPREPLY=($(compgen -W 'verify show' -- "$cur")); return ;;
    debug) COMPREPLY=($(compgen -W 'bytecode' -- "$cur")); return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--script-file --policy-file --schema-file --script-arguments-file --script-arguments --output-format --verbose --limit --audit --audit-required --policy-check --policy-sha256 --check-owner --exit-zero --print-functions --json --help --version' -- "$cur"))
    elif [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W 'run check policy cedar api audit limits debug completions' -- "$cur"))
    else
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}
complete -o filenames -F _rexi rexi
