# bash completion for vyre
_vyre() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
  local command="${COMP_WORDS[1]}" options=""
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "devices check run verify emit compile cache explain \
      --help --version" -- "$word"))
    return
  fi
  case "$before" in
    -D | --device)
      COMPREPLY=($(compgen -W "$(vyre devices 2>/dev/null |
        sed -n 's/^\([a-z][^ ]*\) .*/\1/p') auto" -- "$word"))
      return
      ;;
    --target)
      COMPREPLY=($(compgen -W "ir wire llvm asm ptx" -- "$word"))
      return
      ;;
    --features)
      COMPREPLY=($(compgen -W "baseline avx2 avx512" -- "$word"))
      return
      ;;
    --after)
      COMPREPLY=($(compgen -W "fold unroll arrays flatten promote \
        cse refold strength dce checks" -- "$word"))
      return
      ;;
    -o | --output | --aot | --header)
      COMPREPLY=($(compgen -f -- "$word"))
      return
      ;;
  esac
  local inputs="--in --len --lanes --groups --const --iterations --strict \
    --budget"
  local device="--device --threads --width --features"
  case "$command" in
    devices) options="" ;;
    check) options="$inputs" ;;
    run) options="$inputs $device --out" ;;
    verify) options="$inputs $device --all" ;;
    emit) options="--target --after --output --const --strip --strict \
      --budget $device" ;;
    compile) options="--output --const --strip --aot --header --name --strict \
      --budget --device" ;;
    cache) options="--clear" ;;
    explain)
      COMPREPLY=($(compgen -W "$(vyre explain 2>/dev/null |
        cut -d' ' -f1) --json --help" -- "$word"))
      return
      ;;
    *) return ;;
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options --json --help" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "${word##*=}"))
  fi
}
complete -o filenames -F _vyre vyre
