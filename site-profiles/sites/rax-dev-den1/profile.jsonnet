// A profile in Jsonnet: what it comes to is read as if it stood here.
local dev = import '../../lib/rax-dev.libsonnet';

dev.profile('rax-dev-den1') + dev.worker(['a1', 'a2'])
