/** Every rule, by id. Kept in alphabetical order; a test compares it with the folder. */
import type { Rule } from '../rule';
import clockMonotonicAsTimestamp from './clock/clock-monotonic-as-timestamp';
import clockMonotonicShared from './clock/clock-monotonic-shared';
import clockWallConflictWinner from './clock/clock-wall-conflict-winner';
import clockWallElapsed from './clock/clock-wall-elapsed';
import clockWallElapsedState from './clock/clock-wall-elapsed-state';
import clockWallLease from './clock/clock-wall-lease';
import clockWallLocalDeadline from './clock/clock-wall-local-deadline';
import libclusterMissingOrUnknownKey from './configuration/libcluster-missing-or-unknown-key';
import libclusterSupervisorWiring from './configuration/libcluster-supervisor-wiring';
import libclusterUnknownStrategy from './configuration/libcluster-unknown-strategy';
import overlappingPartitionsDisabled from './configuration/overlapping-partitions-disabled';
import partisanUnknownConfig from './configuration/partisan-unknown-config';
import schedulerRunsOnEveryNode from './configuration/scheduler-runs-on-every-node';
import swarmStaticQuorumMisconfigured from './configuration/swarm-static-quorum-misconfigured';
import raConfigDurability from './consensus/ra-config-durability';
import raDataDirBinary from './consensus/ra-data-dir-binary';
import raMachineConfigNotMap from './consensus/ra-machine-config-not-map';
import raMachineMissingCatchAll from './consensus/ra-machine-missing-catch-all';
import raMachineNondeterministic from './consensus/ra-machine-nondeterministic';
import raMachineSideEffect from './consensus/ra-machine-side-effect';
import raPipelineCorrelationAtom from './consensus/ra-pipeline-correlation-atom';
import raResultShape from './consensus/ra-result-shape';
import raStaleRead from './consensus/ra-stale-read';
import raStartClusterSignature from './consensus/ra-start-cluster-signature';
import raStartWithoutSystem from './consensus/ra-start-without-system';
import raTimeoutAsFailure from './consensus/ra-timeout-as-failure';
import crdtLwwNotLastWriter from './crdt/crdt-lww-not-last-writer';
import crdtNeighboursOverwrite from './crdt/crdt-neighbours-overwrite';
import crdtOneWayNeighbours from './crdt/crdt-one-way-neighbours';
import crdtReadModifyWrite from './crdt/crdt-read-modify-write';
import crdtUnknownTypeOrOp from './crdt/crdt-unknown-type-or-op';
import unknownLibraryFunction from './library/unknown-library-function';
import globalLockAsClusterMutex from './lock/global-lock-as-cluster-mutex';
import globalLockNeverReleased from './lock/global-lock-never-released';
import globalLockResultIgnored from './lock/global-lock-result-ignored';
import globalLockSharedRequester from './lock/global-lock-shared-requester';
import redisLockUnsafe from './lock/redis-lock-unsafe';
import mnesiaDirtyReadModifyWrite from './mnesia/mnesia-dirty-read-modify-write';
import mnesiaNoPartitionStrategy from './mnesia/mnesia-no-partition-strategy';
import mnesiaSchemaFromVisibleNodes from './mnesia/mnesia-schema-from-visible-nodes';
import monitorNodesMessageShape from './partition/monitor-nodes-message-shape';
import nodeConnectResult from './partition/node-connect-result';
import nodeDisconnectOverlap from './partition/node-disconnect-overlap';
import nodeEventUnhandled from './partition/node-event-unhandled';
import nodedownHandledAsNodeup from './partition/nodedown-handled-as-nodeup';
import nodedownNotHandled from './partition/nodedown-not-handled';
import pgMisuse from './pubsub/pg-misuse';
import pubsubBroadcastAsGuarantee from './pubsub/pubsub-broadcast-as-guarantee';
import pubsubPoolSizeVaries from './pubsub/pubsub-pool-size-varies';
import trackerDiffBlocking from './pubsub/tracker-diff-blocking';
import trackerDiffClusterBroadcast from './pubsub/tracker-diff-cluster-broadcast';
import bootstrapBySleep from './quorum/bootstrap-by-sleep';
import electionByNodeOrder from './quorum/election-by-node-order';
import electionWithoutQuorum from './quorum/election-without-quorum';
import hordeQuorumNotEnforced from './quorum/horde-quorum-not-enforced';
import hordeQuorumWithAutoMembers from './quorum/horde-quorum-with-auto-members';
import quorumEvenOrTwoNode from './quorum/quorum-even-or-two-node';
import quorumForgetsSelf from './quorum/quorum-forgets-self';
import quorumFromVisibleNodes from './quorum/quorum-from-visible-nodes';
import quorumHalfIsNotMajority from './quorum/quorum-half-is-not-majority';
import quorumOverStrict from './quorum/quorum-over-strict';
import atomicsReadModifyWrite from './race/atomics-read-modify-write';
import etsCheckThenInsert from './race/ets-check-then-insert';
import etsReadModifyWrite from './race/ets-read-modify-write';
import kvGetThenPut from './race/kv-get-then-put';
import repoReadModifyWrite from './race/repo-read-modify-write';
import globalConflictMessageUnhandled from './registry/global-conflict-message-unhandled';
import globalDefaultResolverKills from './registry/global-default-resolver-kills';
import globalNameAlreadyStarted from './registry/global-name-already-started';
import globalSingletonNoTakeover from './registry/global-singleton-no-takeover';
import hordeInvalidOption from './registry/horde-invalid-option';
import hordeMembersMissing from './registry/horde-members-missing';
import hordeNameConflictSwallowed from './registry/horde-name-conflict-swallowed';
import registerResultIgnored from './registry/register-result-ignored';
import registryCheckThenAct from './registry/registry-check-then-act';
import synWallClockConflict from './registry/syn-wall-clock-conflict';
import erpcBadrpcClause from './rpc/erpc-badrpc-clause';
import erpcRetryNotIdempotent from './rpc/erpc-retry-not-idempotent';
import multicallFailuresIgnored from './rpc/multicall-failures-ignored';
import nodeSpawnUnmonitored from './rpc/node-spawn-unmonitored';
import remoteAnonymousFunction from './rpc/remote-anonymous-function';
import remoteCallExitUncaught from './rpc/remote-call-exit-uncaught';
import remoteCallExitUnhandled from './rpc/remote-call-exit-unhandled';
import remoteProcessAlive from './rpc/remote-process-alive';
import rpcBadrpcUnhandled from './rpc/rpc-badrpc-unhandled';
import rpcInLoop from './rpc/rpc-in-loop';
import rpcInfiniteTimeout from './rpc/rpc-infinite-timeout';
import clusterSecrets from './security/cluster-secrets';
import unsafeBinaryToTerm from './security/unsafe-binary-to-term';
import suppressionWithoutReason from './suppression/suppression-without-reason';
import unusedSuppression from './suppression/unused-suppression';
import fullMeshTooLarge from './topology/full-mesh-too-large';
import hashRingByModulo from './topology/hash-ring-by-modulo';
import hashRingForgetsSelf from './topology/hash-ring-forgets-self';
import libclusterNeverReconnects from './topology/libcluster-never-reconnects';
import libclusterPruningDiscovery from './topology/libcluster-pruning-discovery';
import nodeListRandomEmpty from './topology/node-list-random-empty';

export const rules: readonly Rule[] = [
  atomicsReadModifyWrite,
  bootstrapBySleep,
  clockMonotonicAsTimestamp,
  clockMonotonicShared,
  clockWallConflictWinner,
  clockWallElapsed,
  clockWallElapsedState,
  clockWallLease,
  clockWallLocalDeadline,
  clusterSecrets,
  crdtLwwNotLastWriter,
  crdtNeighboursOverwrite,
  crdtOneWayNeighbours,
  crdtReadModifyWrite,
  crdtUnknownTypeOrOp,
  electionByNodeOrder,
  electionWithoutQuorum,
  erpcBadrpcClause,
  erpcRetryNotIdempotent,
  etsCheckThenInsert,
  etsReadModifyWrite,
  fullMeshTooLarge,
  globalConflictMessageUnhandled,
  globalDefaultResolverKills,
  globalLockAsClusterMutex,
  globalLockNeverReleased,
  globalLockResultIgnored,
  globalLockSharedRequester,
  globalNameAlreadyStarted,
  globalSingletonNoTakeover,
  hashRingByModulo,
  hashRingForgetsSelf,
  hordeInvalidOption,
  hordeMembersMissing,
  hordeNameConflictSwallowed,
  hordeQuorumNotEnforced,
  hordeQuorumWithAutoMembers,
  kvGetThenPut,
  libclusterMissingOrUnknownKey,
  libclusterNeverReconnects,
  libclusterPruningDiscovery,
  libclusterSupervisorWiring,
  libclusterUnknownStrategy,
  mnesiaDirtyReadModifyWrite,
  mnesiaNoPartitionStrategy,
  mnesiaSchemaFromVisibleNodes,
  monitorNodesMessageShape,
  multicallFailuresIgnored,
  nodeConnectResult,
  nodeDisconnectOverlap,
  nodeEventUnhandled,
  nodeListRandomEmpty,
  nodeSpawnUnmonitored,
  nodedownHandledAsNodeup,
  nodedownNotHandled,
  overlappingPartitionsDisabled,
  partisanUnknownConfig,
  pgMisuse,
  pubsubBroadcastAsGuarantee,
  pubsubPoolSizeVaries,
  quorumEvenOrTwoNode,
  quorumForgetsSelf,
  quorumFromVisibleNodes,
  quorumHalfIsNotMajority,
  quorumOverStrict,
  raConfigDurability,
  raDataDirBinary,
  raMachineConfigNotMap,
  raMachineMissingCatchAll,
  raMachineNondeterministic,
  raMachineSideEffect,
  raPipelineCorrelationAtom,
  raResultShape,
  raStaleRead,
  raStartClusterSignature,
  raStartWithoutSystem,
  raTimeoutAsFailure,
  redisLockUnsafe,
  registerResultIgnored,
  registryCheckThenAct,
  remoteAnonymousFunction,
  remoteCallExitUncaught,
  remoteCallExitUnhandled,
  remoteProcessAlive,
  repoReadModifyWrite,
  rpcBadrpcUnhandled,
  rpcInLoop,
  rpcInfiniteTimeout,
  schedulerRunsOnEveryNode,
  suppressionWithoutReason,
  swarmStaticQuorumMisconfigured,
  synWallClockConflict,
  trackerDiffBlocking,
  trackerDiffClusterBroadcast,
  unknownLibraryFunction,
  unsafeBinaryToTerm,
  unusedSuppression,
];
