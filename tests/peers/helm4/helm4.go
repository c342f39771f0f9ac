// Package helm4 is helm 4's own command.
package helm4

import (
	"errors"
	"log/slog"
	"os"

	"helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // helm's main brings these too
)

// Main does what helm's main does.
func Main(args []string) int {
	kube.ManagedFieldsManager = "helm"
	command, err := cmd.NewRootCmd(os.Stdout, args, cmd.SetupLogging)
	if err != nil {
		slog.Warn("command failed", slog.Any("error", err))
		return 1
	}
	command.SetArgs(args)
	if err := command.Execute(); err != nil {
		if failed, ok := errors.AsType[cmd.CommandError](err); ok {
			return failed.ExitCode
		}
		return 1
	}
	return 0
}
