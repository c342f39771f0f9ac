// A profile in Jsonnet: its result is read like a profile.yaml.
local dev = import '../../lib/rax-dev.libsonnet';

dev.profile('rax-dev-den1') + dev.worker(['a1', 'a2'])
