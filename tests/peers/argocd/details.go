package argocd

import (
	"context"

	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/spf13/cobra"
)

func newDetailsCommand() *cobra.Command {
	var app application
	command := &cobra.Command{
		Use:   "details",
		Short: "Ask a repo-server for what the page of an Application's parameters shows",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			source, err := app.source()
			if err != nil {
				return err
			}
			query := &apiclient.RepoServerAppDetailsQuery{
				Repo:            app.repository(),
				Source:          source,
				AppName:         app.name,
				NoCache:         !app.cache,
				NoRevisionCache: !app.cache,
				TrackingMethod:  "annotation",
			}
			given, err := app.ask(command.Context(), func(ctx context.Context, client apiclient.RepoServerServiceClient) (answer, error) {
				response, err := client.GetAppDetails(ctx, query)
				if err != nil {
					return nil, err
				}
				return answer{
					"type":       response.Type,
					"parameters": response.Plugin.GetParametersAnnouncement(),
				}, nil
			})
			if err != nil {
				return err
			}
			return given.write(command.OutOrStdout())
		},
	}
	app.addFlags(command)
	return command
}
