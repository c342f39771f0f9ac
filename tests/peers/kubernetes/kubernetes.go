// Package kubernetes is as much of a cluster as Argo CD needs: etcd, the API server, those
// controllers without which nothing is deleted or ready, and a stand-in for all that would
// make an object ready on a cluster with nodes.
package kubernetes

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// Main is kubernetes-peer.
func Main(args []string) int {
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	command := &cobra.Command{
		Use:           "kubernetes-peer",
		Short:         "The parts of a cluster",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	command.SetArgs(args)
	if len(args) > 0 && args[0] == "kube-apiserver" {
		// It wants to be the root, and it installs a handler of signals of its own.
		stop()
		command = apiserver.NewAPIServerCommand()
		command.SetGlobalNormalizationFunc(cliflag.WordSepNormalizeFunc)
		command.SetArgs(args[1:])
	} else {
		command.SetContext(ended)
		command.AddCommand(newEtcdCommand(), newControllersCommand())
	}
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
