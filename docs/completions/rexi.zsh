#compdef rexi
# zsh completion for rexi
_rexi() {
  _arguments -s \
    '--script-file=[the Rhai script; - is standard input]:file:_files' \
    '-s+[the Rhai script; - is standard input]:file:_files' \
    '--policy-file=[the Cedar policy]:file:_files' \
    '-p+[the Cedar policy]:file:_files' \
    '*--schema-file=[schema beside the built-in one; repeatable]:file:_files' \
    '--script-arguments-file=[JSON object of typed script arguments]:file:_files' \
    '-a+[JSON object of typed script arguments]:file:_files' \
    '*--script-arguments=[arguments as JSON or NAME=VALUE; repeatable]:value:' \
    '--output-format=[form of the result; default json]:value:(json pretty-json human)' \
    '-o+[form of the result; default json]:value:(json pretty-json human)' \
    '--verbose[human form\: logs, alarms and metrics too]' \
    '-v[human form\: logs, alarms and metrics too]' \
    '*--limit=[set a limit (see rexi limits); repeatable]:value:(time= operations= memory= output= logs= files= processes= read= write= string= array= map= calls= source=)' \
    '*-l+[set a limit (see rexi limits); repeatable]:value:(time= operations= memory= output= logs= files= processes= read= write= string= array= map= calls= source=)' \
    '--audit=[record to FILE, fd\:N, syslog or journald]:file:_files' \
    '--audit-required[refuse what cannot be recorded]' \
    '--policy-check=[strict (default) or warn on findings]:value:(strict warn)' \
    '--policy-sha256=[refuse a policy with another digest]:value:' \
    '--check-owner[refuse inputs others could have written]' \
    '--exit-zero[exit 0 when a script was run, as Rex does]' \
    '--print-functions[print what scripts can call, then exit]' \
    '--json[print JSON]' \
    '--help[print this help]' \
    '-h[print this help]' \
    '--version[print version and what is built in]' \
    '-V[print version and what is built in]' \
    '1:command:((run\:"run a script under a policy; what rexi does without a command" check\:"compile and validate, report what a run would need, run nothing" policy\:"validate, format, convert and test policies; rexi policy --help" cedar\:"decide single requests with plain Cedar; rexi cedar --help" api\:"list the functions that a script can call" audit\:"verify or print the record of a run" limits\:"list the limits of a run and their defaults" debug\:"print the byte code of a script" completions\:"print a completion script for a shell"))' \
    '*:file:_files'
}
_rexi "$@"
