package argocd

import (
	"context"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/spf13/cobra"
)

// target is what the application controller says of the Application beside its source.
type target struct {
	namespace   string
	project     string
	annotation  string
	kubeVersion string
	apiVersions []string
}

func newManifestsCommand() *cobra.Command {
	var (
		app  application
		goal target
	)
	command := &cobra.Command{
		Use:   "manifests",
		Short: "Ask a repo-server for an Application's manifests, as the controller does",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			request, err := goal.request(&app)
			if err != nil {
				return err
			}
			given, err := app.ask(command.Context(), func(ctx context.Context, client apiclient.RepoServerServiceClient) (answer, error) {
				response, err := client.GenerateManifest(ctx, request)
				if err != nil {
					return nil, err
				}
				return answer{
					"manifests":  append([]string{}, response.Manifests...),
					"sourceType": response.SourceType,
					"revision":   response.Revision,
				}, nil
			})
			if err != nil {
				return err
			}
			return given.write(command.OutOrStdout())
		},
	}
	app.addFlags(command)
	flags := command.Flags()
	flags.StringVar(&goal.namespace, "namespace", "default", "the destination's namespace")
	flags.StringVar(&goal.project, "project", "default", "the Application's project")
	flags.StringVar(&goal.annotation, "annotation", "", "the annotation manifest-generate-paths")
	flags.StringVar(&goal.kubeVersion, "kube-version", "1.33.0", "the destination's version")
	flags.StringArrayVar(&goal.apiVersions, "api-version", []string{"v1", "apps/v1"}, "an API that the destination has")
	return command
}

func (t *target) request(app *application) (*apiclient.ManifestRequest, error) {
	source, err := app.source()
	if err != nil {
		return nil, err
	}
	return &apiclient.ManifestRequest{
		Repo:                            app.repository(),
		Revision:                        app.revision,
		NoCache:                         !app.cache,
		NoRevisionCache:                 !app.cache,
		AppLabelKey:                     common.LabelKeyAppInstance,
		AppName:                         app.name,
		Namespace:                       t.namespace,
		ApplicationSource:               source,
		KubeVersion:                     t.kubeVersion,
		ApiVersions:                     t.apiVersions,
		TrackingMethod:                  "annotation",
		ProjectName:                     t.project,
		ProjectSourceRepos:              []string{"*"},
		AnnotationManifestGeneratePaths: t.annotation,
	}, nil
}
