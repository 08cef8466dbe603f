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
	if _, err := os.Lstat(initPath); !errors.Is(err, fs.ErrNotExist) && !force {
		if err != nil {
			return err
		}
		return usagef("%s exists: --force replaces it", initPath)
	}
	tmp := fmt.Sprintf(".%s.%d", initPath, os.Getpid()) // so that it is there whole or not at all
	err := os.WriteFile(tmp, []byte(examples.Gamma), 0o666)
	if err == nil {
		err = os.Rename(tmp, initPath)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return err
	}
	fmt.Fprintf(a.out, "wrote %s: gpusim run %s, gpusim sweep %s\n", initPath, initPath, initPath)
	return nil
}
