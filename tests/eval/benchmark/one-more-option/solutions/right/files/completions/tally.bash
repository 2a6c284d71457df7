_tally() {
  local options="--by --json --min --only --since --top --help --version"
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
  case "$previous" in
    --by) COMPREPLY=($(compgen -W "host path status user" -- "$current")) ;;
    --min | --only | --since | --top) COMPREPLY=() ;;
    *)
      case "$current" in
        -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
  esac
}
complete -F _tally tally
