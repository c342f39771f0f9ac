// Package controllers is Argo CD's controllers, for which a cluster is needed.
package controllers

import (
	applications "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	sets "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	"github.com/spf13/cobra"
)

// Commands are the controllers, as commands of argocd-peer.
func Commands() []*cobra.Command {
	application := applications.NewCommand()
	application.Use = "application-controller"
	set := sets.NewCommand()
	set.Use = "applicationset-controller"
	return []*cobra.Command{application, set}
}
