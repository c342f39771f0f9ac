package oracle

import (
	"encoding/json"
	"fmt"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge2"
)

// Merges values over others as Helm merges `-f` files, and over them as the defaults of a chart.
func mergeValues(question []byte) ([]byte, error) {
	first, second, err := decodePair(question)
	if err != nil {
		return nil, err
	}
	below, isMap := first.(map[string]any)
	above, areMaps := second.(map[string]any)
	if !isMap || !areMaps {
		return nil, fmt.Errorf("values are mappings")
	}
	files := loader.MergeMaps(below, above)
	defaults := &chart.Chart{Metadata: &chart.Metadata{Name: "chart"}, Values: below}
	// What `helm template` does before it renders.
	if err := chartutil.ProcessDependencies(defaults, above); err != nil {
		return nil, err
	}
	rendered, err := util.ToRenderValues(defaults, above, common.ReleaseOptions{}, nil)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"files": files, "coalesced": rendered["Values"]})
}

// Merges a patch into an object as kustomize's strategic merge does. The one difference is that
// new items of a list come last: kustomize's own commands put them first.
func mergeResources(question []byte) ([]byte, error) {
	var pair [2]json.RawMessage
	if err := json.Unmarshal(question, &pair); err != nil {
		return nil, err
	}
	object, err := kyaml.Parse(string(pair[0]))
	if err != nil {
		return nil, err
	}
	patch, err := kyaml.Parse(string(pair[1]))
	if err != nil {
		return nil, err
	}
	merged, err := merge2.Merge(patch, object, kyaml.MergeOptions{
		ListIncreaseDirection: kyaml.MergeOptionsListAppend,
	})
	if err != nil {
		return nil, err
	}
	if merged.IsNilOrEmpty() {
		return []byte("null"), nil
	}
	return merged.MarshalJSON()
}
