// The scripts only hand the words over and show what comes back, so they need not change when commands do. When `jq` turns
// out to be the JSON tool, or fails, the shell completes names of files as it would without us.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION_SCRIPTS: Record<Shell, string> = {
  bash: `# Completion of jq, the job queue, for bash. To install it:
#   jq completion bash > ~/.local/share/bash-completion/completions/jq
# or in ~/.bashrc: source <(jq completion bash)
_jobqueue() {
  local line output
  COMPREPLY=()
  if ! output=$("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || [ "$output" = :files ]; then
    compopt -o default
    return
  fi
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("\${line%%$'\\t'*}")
  done <<<"$output"
}
complete -F _jobqueue jq jobq
`,
  zsh: `#compdef jq jobq
# Completion of jq, the job queue, for zsh. To install it, in ~/.zshrc after compinit:
#   source <(jq completion zsh)
_jobqueue() {
  local output line word says
  local -a candidates
  if ! output=$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null) || [[ $output == :files ]]; then
    _files
    return
  fi
  for line in "\${(@f)output}"; do
    word=\${line%%$'\\t'*} says=\${line#*$'\\t'}
    [[ -n $line ]] && candidates+=("\${word//:/\\\\:}\${says:+:$says}")
  done
  _describe jq candidates
}
compdef _jobqueue jq jobq
`,
  fish: `# Completion of jq, the job queue, for fish. To install it:
#   jq completion fish > ~/.config/fish/completions/jq.fish
function __jobqueue
  set -l words (commandline -opc) (commandline -ct)
  set -l lines ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test $status -ne 0; or test "$lines" = :files
    __fish_complete_path (commandline -ct)
    return
  end
  printf '%s\\n' $lines
end
complete -c jq -f -a '(__jobqueue)'
complete -c jobq -f -a '(__jobqueue)'
`,
};
