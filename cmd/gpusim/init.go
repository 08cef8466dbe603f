package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"gpusim/examples"
)

const initPath = "gamma.yaml"

func (a *app) initCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write " + initPath + ", a network to begin with, here",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			return a.init(force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace "+initPath)
	return cmd
}

func (a *app) init(force bool) error {
	mode := os.O_WRONLY | os.O_CREATE
	if force {
		mode |= os.O_TRUNC
	} else {
		mode |= os.O_EXCL
	}
	file, err := os.OpenFile(initPath, mode, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s exists: --force replaces it", initPath)
	} else if err != nil {
		return err
	}
	_, err = file.WriteString(examples.Gamma)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "wrote %s: gpusim run %s, gpusim sweep %s\n", initPath, initPath, initPath)
	return nil
}
