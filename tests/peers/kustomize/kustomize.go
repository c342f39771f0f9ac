// Package kustomize is kustomize's own command.
package kustomize

import "sigs.k8s.io/kustomize/kustomize/v5/commands"

// Main does what kustomize's main does.
func Main(args []string) int {
	command := commands.NewDefaultCommand()
	command.SetArgs(args)
	if err := command.Execute(); err != nil {
		return 1
	}
	return 0
}
