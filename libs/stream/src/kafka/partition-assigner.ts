import type { AssignerProtocol, PartitionAssigner } from 'kafkajs';

/** kafkajs joins again after a while when what it asks of an assigner fails with this type. */
class NotReadyToRejoin extends Error {
  readonly type = 'REBALANCE_IN_PROGRESS';
}

export interface PartitionAssignerOptions {
  /** The same for all consumers of a process. */
  readonly processId: string;
  /** Asked before each join: false while handlers still work on partitions that may be taken away by it. */
  readonly readyToJoin: () => boolean;
  /** Told of the number of partitions whenever this member assigns them. */
  readonly protocol: typeof AssignerProtocol;
}

/**
 * Partition n goes to the n-th process in the order of their ids, round and round. So groups with the same members, and topics
 * with as many partitions, give a model's predictions, labels and ticks to one process.
 *
 * kafkajs begins a rebalance without asking anybody. `protocol` is the one thing of ours that it calls on the way: refusing
 * there keeps the group waiting, as it should, until running handlers have finished and their offsets are committed.
 */
export function partitionAssigner({ processId, readyToJoin, protocol }: PartitionAssignerOptions): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = protocol;
  return ({ cluster }) => ({
    name: 'plumbline',
    version: 1,
    protocol: ({ topics }) => {
      if (!readyToJoin()) throw new NotReadyToRejoin('handlers are still at work');
      return {
        name: 'plumbline',
        metadata: MemberMetadata.encode({ version: 1, topics, userData: Buffer.from(processId) }),
      };
    },
    assign: async ({ members, topics }) => {
      const order = members
        .map(({ memberId, memberMetadata }) => ({
          memberId,
          rank: `${MemberMetadata.decode(memberMetadata)?.userData.toString() ?? ''} ${memberId}`,
        }))
        .sort((left, right) => (left.rank < right.rank ? -1 : 1));
      const assignments = order.map(({ memberId }) => {
        const assignment: Record<string, number[]> = {};
        return { memberId, assignment };
      });
      for (const topic of topics) {
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        for (const partition of partitions) {
          const { assignment } = assignments[partition % assignments.length]!;
          (assignment[topic] ??= []).push(partition);
        }
      }
      return assignments.map(({ memberId, assignment }) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }),
      }));
    },
  });
}
