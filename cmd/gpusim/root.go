package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gpusim/model/lang"
)

const rootHelp = `gpusim simulates networks of spiking neurons on the GPU, or in float64 without one.

  gpusim init && gpusim sweep gamma.yaml

FILE may be - for standard input. Results go into a new folder beside FILE.`

// root returns the command that holds all others.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "gpusim",
		Short: "Simulate networks of spiking neurons",
		Long:  rootHelp,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
		// Errors are printed once, by main, and no wall of usage with them.
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       versionText(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.runCommand(), a.sweepCommand(), a.mergeCommand(), a.missingCommand(), a.fitCommand(), a.compareCommand(), a.convergeCommand(), a.checkCommand(),
		a.showCommand(), a.serveCommand(), a.doctorCommand(), a.initCommand(), a.cacheCommand(), a.versionCommand())
	root.SetHelpCommand(helpCommand(root))
	return root
}

// helpCommand is cobra's, but that a name it does not know is an error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			about, _, err := root.Find(args)
			if err != nil || about == root && len(args) > 0 {
				return unknownCommand(root, args[0])
			}
			return about.Help()
		},
	}
}

func unknownCommand(root *cobra.Command, name string) error {
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return usagef("unknown command %q: did you mean %s?", name, strings.Join(near, " or "))
	}
	return usagef("unknown command %q; gpusim --help lists the commands", name)
}

// flagError says in one line what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var number *strconv.NumError // of a flag without a parser of its own: true or false
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("%s has no flag -%s; %s --help lists those it has", cmd.CommandPath(), unknown.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := lang.Nearest(name, names); near != "" {
			return usagef("%s has no flag --%s: did you mean --%s?", cmd.CommandPath(), name, near)
		}
		return usagef("%s has no flag --%s; %s --help lists those it has", cmd.CommandPath(), name, cmd.CommandPath())
	case errors.As(err, &missing):
		name, _ := pflag.UnquoteUsage(missing.GetFlag())
		return usagef("--%s needs a value: --%s %s", missing.GetSpecifiedName(), missing.GetSpecifiedName(), name)
	case errors.As(err, &invalid) && errors.As(err, &number):
		return usagef("--%s %s: it is true or false", invalid.GetFlag().Name, invalid.GetValue())
	case errors.As(err, &invalid):
		return usagef("--%s %s: %w", invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap())
	}
	return usagef("%s: %w", cmd.CommandPath(), err)
}

// oneFile is the cobra.PositionalArgs of commands that take FILE.
func oneFile(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usagef("%s needs a network file: %s", cmd.CommandPath(), cmd.UseLine())
	case len(args) > 1:
		return usagef("%s takes one network file, not %d: %s", cmd.CommandPath(), len(args), strings.Join(args, " "))
	}
	return nil
}

// noArguments is the cobra.PositionalArgs of commands that take none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, not %s", cmd.CommandPath(), strings.Join(args, " "))
	}
	return nil
}
