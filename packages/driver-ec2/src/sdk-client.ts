import { ec2Times } from './ec2-options.ts';
import type { Ec2Params } from './params.ts';
import type { Ec2Api } from './sdk-subset.ts';

/** Loads the SDK, which is large, and makes a client of it. Its retries are off: holding back and trying again are the pool's. */
export async function openSdkClient(params: Ec2Params): Promise<Ec2Api> {
  const sdk = await import('@aws-sdk/client-ec2');
  const { accessKeyId, secretAccessKey, sessionToken, endpoint, region } = params;
  const client = new sdk.EC2Client({
    region,
    // The SDK's default repeats even InsufficientInstanceCapacity three times.
    maxAttempts: 1,
    customUserAgent: 'drover',
    requestHandler: { connectionTimeout: ec2Times.connectTimeoutMs },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  });
  let cloudTimeMs: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      cloudTimeMs = dateOf(result.response) ?? cloudTimeMs;
      return result;
    },
    // The innermost step that sees an answer before it is read, errors too.
    { step: 'deserialize', priority: 'low', name: 'cloudTime' },
  );
  return {
    runInstances: (input, { signal }) => client.send(new sdk.RunInstancesCommand(input), { abortSignal: signal }),
    describeInstances: (input, { signal }) =>
      client.send(new sdk.DescribeInstancesCommand(input), { abortSignal: signal }),
    terminateInstances: (input, { signal }) =>
      client.send(new sdk.TerminateInstancesCommand(input), { abortSignal: signal }),
    createTags: (input, { signal }) => client.send(new sdk.CreateTagsCommand(input), { abortSignal: signal }),
    getConsoleOutput: (input, { signal }) =>
      client.send(new sdk.GetConsoleOutputCommand(input), { abortSignal: signal }),
    describeKeyPairs: (input, { signal }) =>
      client.send(new sdk.DescribeKeyPairsCommand(input), { abortSignal: signal }),
    importKeyPair: (input, { signal }) => client.send(new sdk.ImportKeyPairCommand(input), { abortSignal: signal }),
    describeSpotPriceHistory: (input, { signal }) =>
      client.send(new sdk.DescribeSpotPriceHistoryCommand(input), { abortSignal: signal }),
    describeSubnets: (input, { signal }) => client.send(new sdk.DescribeSubnetsCommand(input), { abortSignal: signal }),
    describeSecurityGroups: (input, { signal }) =>
      client.send(new sdk.DescribeSecurityGroupsCommand(input), { abortSignal: signal }),
    describeImages: (input, { signal }) => client.send(new sdk.DescribeImagesCommand(input), { abortSignal: signal }),
    describeInstanceTypeOfferings: (input, { signal }) =>
      client.send(new sdk.DescribeInstanceTypeOfferingsCommand(input), { abortSignal: signal }),
    cloudTimeMs: () => cloudTimeMs,
    close: () => client.destroy(),
  };
}

function dateOf(response: unknown): number | undefined {
  const date: unknown = Object(Object(response)['headers'])['date'];
  const timeMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
