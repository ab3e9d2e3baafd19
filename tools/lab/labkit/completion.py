# SPDX-License-Identifier: GPL-2.0-only
"""What completes `lab` in bash, made from the options that there are."""

import shlex

from . import options

_FRAME = """# bash completion for lab. To use it: source <(tools/lab/lab completion)

_kawela_lab()
{
	local cur=${COMP_WORDS[COMP_CWORD]} before= command= option= words= i

	COMPREPLY=()
	((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
	# bash takes the = of --option=value for a word of its own
	before=${COMP_WORDS[COMP_CWORD - 1]}
	if [[ "$cur" == = ]]; then
		option=$before cur=
	elif [[ "$before" == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	else
		option=$before
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ "${COMP_WORDS[i]}" == -- ]]; then
			COMPREPLY=($(compgen -c -- "$cur"))
			return
		fi
	done
	case "$command $option" in
%(values)s
	esac
	case "$command" in
	"") words=%(commands)s ;;
%(options)s
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o filenames -F _kawela_lab lab
"""
_COMPGEN = {"file": "-f", "directory": "-d"}


def _values(name, action):
    """The lines of an option that takes a value."""
    how = options.words(action)
    if isinstance(how, str):
        generate = _COMPGEN[how]
    else:
        generate = f"-W {shlex.quote(' '.join(how or ()))}"
    pattern = "|".join(f'"{name} {option}"' for option in action.option_strings)
    lines = [f"\t{pattern})", f"\t\tCOMPREPLY=($(compgen {generate} -- \"$cur\"))"]
    # A value that may be left out doesn't hide the options
    lines += ["\t\t[[ \"$cur\" == -* ]] ||"] if action.nargs == "?" else []
    return [*lines, "\t\treturn ;;"]


def _words(own):
    """What may stand where no option waits for its value."""
    found = []
    for action in options.of(own):
        how = options.words(action)
        found += action.option_strings or (how if isinstance(how, list) else [])
    return found


def script(parser):
    """The whole of it."""
    values, lines = [], []
    commands = options.commands(parser)
    for name, (_, own) in commands.items():
        for action in options.of(own):
            if action.option_strings and action.nargs != 0:
                values += _values(name, action)
        lines.append(f"\t{name}) words={shlex.quote(' '.join(_words(own)))} ;;")
    return _FRAME % {"values": "\n".join(values), "options": "\n".join(lines),
                     "commands": shlex.quote(" ".join([*commands, "--help"]))}
