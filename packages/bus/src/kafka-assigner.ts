import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

/**
 * Shares the partitions among the members that subscribe to their topic. kafkajs' own assigner gives everything to
 * everyone by the leader's subscription: during an upgrade that adds a topic, partitions would go to members that do not
 * know them and be read by nobody.
 */
export const assignBySubscription: PartitionAssigner = ({ cluster }) => ({
  name: 'dutyledger-by-subscription',
  version: 1,

  protocol({ topics }) {
    const metadata = MemberMetadata.encode({
      version: this.version,
      topics,
      userData: Buffer.alloc(0),
    });
    return { name: this.name, metadata };
  },

  async assign({ members }) {
    const shares = members
      .map(({ memberId, memberMetadata }) => ({
        memberId,
        topics: MemberMetadata.decode(memberMetadata)?.topics ?? [],
        assignment: {} as Record<string, number[]>,
        count: 0,
      }))
      .toSorted((one, other) => (one.memberId < other.memberId ? -1 : 1));
    const topics = [...new Set(shares.flatMap((share) => share.topics))].toSorted();
    await cluster.addMultipleTargetTopics(topics);
    for (const topic of topics) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const subscribed = shares.filter((share) => share.topics.includes(topic));
        const share = subscribed.reduce((least, one) => (one.count < least.count ? one : least));
        share.assignment[topic] = [...(share.assignment[topic] ?? []), partitionId];
        share.count += 1;
      }
    }
    return shares.map(({ memberId, assignment }) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: this.version,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }));
  },
});
