#!/bin/bash
# The completion script completes; the man page names every command and option.  usage: completion.sh SOURCE_DIR TOOL_DIR
set -euo pipefail
source_dir=$1 PATH=$2:$PATH
eval "$(ovfkit completion bash)"

complete_words() {  # the words so far; prints what is offered for the last
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _ovfkit 2>/dev/null
  echo "${COMPREPLY[*]}"
}
expect() {  # offered, wanted
  [[ " $1 " == *" $2 "* ]] || { echo "completion offers '$1', not '$2'"; exit 1; }
}
expect "$(complete_words ovfkit con)" convert
expect "$(complete_words ovfkit balloon "")" set
expect "$(complete_words ovfkit balloon set en)" enabled
expect "$(complete_words ovfkit convert --to lib)" libvirt
expect "$(complete_words ovfkit convert --str)" --strict
expect "$(complete_words ovfkit formats gan)" ganeti

page=$(<"$source_dir/tools/man/ovfkit.1")
while read -r first second _; do
  [[ $first == ovfkit ]] && continue
  word=$first
  [[ $first == balloon ]] && word="$first $second"
  [[ $page == *"Cm $word"* ]] || { echo "the man page lacks the command $word"; exit 1; }
  # shellcheck disable=SC2086 # a command is one word or two
  for option in $(ovfkit $word --help | grep -oE -- '--[a-z-]+' | sort -u); do
    [[ $page == *"Fl ${option#-}"* ]] || { echo "the man page lacks $option"; exit 1; }
  done
done < <(ovfkit --help | sed -n '/^Commands:/,/^$/{/^  [a-z]/p}')
echo "completion and man page are whole"
