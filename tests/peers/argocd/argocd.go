// Package argocd is the real Argo CD that the tests of site-cmp talk to: its own plugin server and
// repo-server, and its own clients of both. It compiles with every Argo CD that the tests meet.
package argocd

import (
	"fmt"
	"os"
	"time"

	cmpserver "github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
)

// patience is the deadline of a call that is not about deadlines: on the slowest machine it
// has to be longer than any call takes.
const patience = 10 * time.Minute

// Main is argocd-peer, with more commands.
func Main(args []string, more ...*cobra.Command) int {
	command := newCommand()
	command.AddCommand(more...)
	command.SetArgs(args)
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "argocd-peer",
		Short:         "The parts of Argo CD that meet a config management plugin",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	plugin := cmpserver.NewCommand()
	plugin.Use = "cmp-server"
	repo := reposerver.NewCommand()
	repo.Use = "repo-server"
	// Its default is refused beside --disable-tls; the oldest does not know it.
	if flag := repo.Flags().Lookup("client-ca-path"); flag != nil {
		_ = flag.Value.Set("")
	}
	command.AddCommand(plugin, repo, newGenerateCommand(), newManifestsCommand(), newDetailsCommand(),
		newStreamCommand(), newCheckCommand(), newNullCommand(), newBenchCommand(), newLoadCommand())
	return command
}
