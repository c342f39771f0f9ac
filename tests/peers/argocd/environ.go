package argocd

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// environ is what repo-server sends with every call, in its order, then the
// caller's own: of two with one name, the plugin sees the last.
func (c *call) environ() ([]string, error) {
	params := v1alpha1.ApplicationSourcePluginParameters{}
	for _, text := range c.params {
		var param v1alpha1.ApplicationSourcePluginParameter
		if err := json.Unmarshal([]byte(text), &param); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", text, err)
		}
		params = append(params, param)
	}
	if len(params) == 0 {
		params = nil // an application without parameters sends null, not []
	}
	fromParams, err := params.Environ()
	if err != nil {
		return nil, err
	}
	return append(append(c.base(), fromParams...), c.env...), nil
}

func (c *call) base() []string {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	return []string{
		"ARGOCD_APP_NAME=" + filepath.Base(c.app),
		"ARGOCD_APP_NAMESPACE=default",
		"ARGOCD_APP_PROJECT_NAME=default",
		"ARGOCD_APP_REVISION=" + revision,
		"ARGOCD_APP_REVISION_SHORT=" + revision[:7],
		"ARGOCD_APP_REVISION_SHORT_8=" + revision[:8],
		"ARGOCD_APP_SOURCE_REPO_URL=https://git.example.com/fleet.git",
		"ARGOCD_APP_SOURCE_PATH=" + c.app,
		"ARGOCD_APP_SOURCE_TARGET_REVISION=HEAD",
		"KUBE_VERSION=1.33.0",
		"KUBE_API_VERSIONS=v1,apps/v1",
	}
}
