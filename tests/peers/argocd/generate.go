package argocd

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	grpc_retry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/emptypb"
)

// call is one request for manifests, as repo-server puts it to a plugin.
type call struct {
	socket string
	repo   string
	app    string
	env    []string
	params []string
}

func newGenerateCommand() *cobra.Command {
	var (
		c       call
		timeout time.Duration
	)
	command := &cobra.Command{
		Use:   "generate",
		Short: "Ask a plugin server for manifests and print each one as it came",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(command.Context(), timeout)
			defer cancel()
			return c.run(ctx, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&c.socket, "socket", "", "the plugin's socket")
	flags.StringVar(&c.repo, "repo", "", "the checkout to send")
	flags.StringVar(&c.app, "app", ".", "the application's folder, relative to the checkout")
	flags.StringArrayVar(&c.env, "env", nil, "a variable NAME=VALUE to send besides repo-server's own, as it is")
	flags.StringArrayVar(&c.params, "param", nil, `a plugin parameter as JSON, such as {"name":"site","string":"x"}`)
	flags.DurationVar(&timeout, "timeout", patience, "the deadline of the call")
	_ = command.MarkFlagRequired("socket")
	_ = command.MarkFlagRequired("repo")
	return command
}

// run follows runConfigManagementPluginSidecars of repo-server for a plugin that
// the application names: ask for the configuration, send the tree, wait.
func (c *call) run(ctx context.Context, out io.Writer) error {
	env, err := c.environ()
	if err != nil {
		return err
	}
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(c.socket).NewConfigManagementPluginClient()
	if err != nil {
		return fmt.Errorf("error dialing to cmp-server: %w", err)
	}
	defer func() { _ = closer.Close() }()

	if _, err = client.CheckPluginConfiguration(ctx, &emptypb.Empty{}); err != nil {
		return fmt.Errorf("error calling cmp-server checkPluginConfiguration: %w", err)
	}
	answer, err := c.generate(ctx, client, env)
	if err != nil {
		return fmt.Errorf("error generating manifests in cmp: %w", err)
	}
	for _, manifest := range answer.Manifests {
		if _, err = fmt.Fprintln(out, manifest); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) generate(ctx context.Context, client apiclient.ConfigManagementPluginServiceClient, env []string) (*apiclient.ManifestResponse, error) {
	stream, err := client.GenerateManifest(ctx, grpc_retry.Disable())
	if err != nil {
		return nil, fmt.Errorf("error getting generateManifestStream: %w", err)
	}
	root, err := filepath.Abs(c.repo)
	if err != nil {
		return nil, err
	}
	err = cmp.SendRepoStream(ctx, filepath.Join(root, c.app), root, stream, env, nil)
	if err != nil {
		return nil, fmt.Errorf("error sending file to cmp-server: %w", err)
	}
	return stream.CloseAndRecv()
}
