import kafkajs from 'kafkajs';
import type { AppProcess } from '../support/app-process.js';
import { describeWithOwnKafka } from '../support/kafka-broker.js';
import { SplitDeployment } from '../support/split-deployment.js';
import { until } from '../support/until.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
/** Long: two cores may be busy with other suites. */
const PATIENCE_MS = 120_000;
const TEST_MS = 400_000;

/** Anybody may do anything until an entry says otherwise. */
const WITH_ACCESS_CONTROL = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
};

describeWithOwnKafka()('a process whose consumer has died', () => {
  let deployment: SplitDeployment;
  let ingester: AppProcess;

  beforeAll(async () => {
    deployment = await SplitDeployment.start({}, { properties: WITH_ACCESS_CONTROL });
    await deployment.migrate();
    ingester = await deployment.launch('ingester');
  }, TEST_MS);
  afterAll(async () => {
    await deployment?.stop();
  }, TEST_MS);

  /** Takes the right to be a member of the group of a topic from everybody. */
  const denyGroupOf = async (topic: string): Promise<void> => {
    const admin = new Kafka({ brokers: deployment.broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const { groups } = await admin.listGroups();
      const group = groups.find(({ groupId }) => groupId.endsWith(`ingester.${topic}`));
      await admin.createAcls({
        acl: [
          {
            resourceType: AclResourceTypes.GROUP,
            resourceName: group!.groupId,
            resourcePatternType: ResourcePatternTypes.LITERAL,
            principal: 'User:ANONYMOUS',
            host: '*',
            operation: AclOperationTypes.READ,
            permissionType: AclPermissionTypes.DENY,
          },
        ],
      });
    } finally {
      await admin.disconnect();
    }
  };

  it(
    'ends with a code and a line that say so, for whoever supervises it',
    async () => {
      const topic = deployment.env.PLUMBLINE_KAFKA_TOPICS_PREDICTIONS!;
      await denyGroupOf(topic);
      await until('it ends', () => (ingester.hasEnded ? true : undefined), PATIENCE_MS);
      expect(await ingester.kill('SIGKILL')).toBe(1);
      const lines = ingester.log.split('\n').filter((line) => line.includes(`the consumer of ${topic} has died`));
      expect(lines).not.toEqual([]);
      expect(lines[0]).toMatch(/not authorized to access group/i);
    },
    TEST_MS,
  );
});
