# SPDX-License-Identifier: GPL-2.0-only
# Completion for ttlog, ttlog-dump and ttlogd in bash. Options and commands are those that
# --help prints, and what an option takes is told by the name that it has there.
# shellcheck shell=bash

# _ttlog_options HELP: a line for each, "--output=DIR" or "-o".
_ttlog_options()
{
	sed -nE 's/^  (-[[:alnum:]]), (--[^ ]+).*/\1\n\2/p; s/^  (-., |    )(--[^ ]+).*/\2/p' <<<"$1"
}

_ttlog_commands()
{
	sed -nE '/^Commands:$/,/^$/s/^  ([^ ]+).*/\1/p' <<<"$1"
}

# _ttlog_values KIND WORD: what can stand for the KIND of an option or argument.
_ttlog_values()
{
	case $1 in
	*FILE*) compopt -o filenames 2>/dev/null; compgen -f -- "$2" ;;
	*DIR*) compopt -o filenames 2>/dev/null; compgen -d -- "$2" ;;
	*LEVEL*) compgen -W 'emerg alert crit err warning notice info debug' -- "$2" ;;
	esac
}

# _ttlog_kind HELP OPTION: what it takes must follow? Prints what that is.
_ttlog_kind()
{
	local options
	options=$(_ttlog_options "$1")
	case $2 in
	--*) sed -nE "s/^$2=(.*)/\1/p" <<<"$options" ;;
	-?) sed -nE "s/^  $2, --[^ =[]+=([^ ]+).*/\1/p" <<<"$1" ;;
	esac
}

# _ttlog_complete HELP WORD OPTION: sets COMPREPLY.
_ttlog_complete()
{
	local kind commands
	kind=$(_ttlog_kind "$1" "$3")
	commands=$(_ttlog_commands "$1")
	if [[ $kind ]]; then
		mapfile -t COMPREPLY < <(_ttlog_values "$kind" "$2")
	elif [[ $2 == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_ttlog_options "$1" | sed -E 's/\[?=.*/=/')" -- "$2")
	elif [[ $commands ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$2")
	else
		kind=$(sed -n '1s/.*\[OPTION...\]//p' <<<"$1")
		mapfile -t COMPREPLY < <(_ttlog_values "$kind" "$2")
	fi
	[[ ${COMPREPLY[0]-} != --*= ]] || compopt -o nospace 2>/dev/null
}

_ttlog()
{
	local command=("${COMP_WORDS[0]}") word=${COMP_WORDS[COMP_CWORD]} option='' help i
	# --output=x is three words here.
	if [[ $word == = ]]; then
		word='' option=${COMP_WORDS[COMP_CWORD - 1]}
	elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	else
		option=${COMP_WORDS[COMP_CWORD - 1]}
	fi
	help=$("${command[@]}" --help 2>/dev/null) || return
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != -* && $(_ttlog_commands "$help") ]] || continue
		command+=("${COMP_WORDS[i]}")
		help=$("${command[@]}" --help 2>/dev/null) || return
	done
	_ttlog_complete "$help" "$word" "$option"
}

complete -F _ttlog ttlog ttlog-dump ttlogd
