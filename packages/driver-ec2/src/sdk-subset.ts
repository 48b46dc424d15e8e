import type {
  CreateTagsCommandInput,
  DescribeImagesCommandInput,
  DescribeImagesCommandOutput,
  DescribeInstancesCommandInput,
  DescribeInstancesCommandOutput,
  DescribeInstanceTypeOfferingsCommandInput,
  DescribeInstanceTypeOfferingsCommandOutput,
  DescribeKeyPairsCommandInput,
  DescribeKeyPairsCommandOutput,
  DescribeSecurityGroupsCommandInput,
  DescribeSecurityGroupsCommandOutput,
  DescribeSpotPriceHistoryCommandInput,
  DescribeSpotPriceHistoryCommandOutput,
  DescribeSubnetsCommandInput,
  DescribeSubnetsCommandOutput,
  GetConsoleOutputCommandInput,
  GetConsoleOutputCommandOutput,
  ImportKeyPairCommandInput,
  ImportKeyPairCommandOutput,
  RunInstancesCommandInput,
  RunInstancesCommandOutput,
  TerminateInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import type { CallOptions } from '@drover/spec';

export type {
  _InstanceType as SdkInstanceType,
  Instance as SdkInstance,
  RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';

/** The calls of the EC2 API that the driver makes, each tried once. They reject with the SDK's errors. */
export interface Ec2Api {
  runInstances(input: RunInstancesCommandInput, options: CallOptions): Promise<RunInstancesCommandOutput>;
  describeInstances(
    input: DescribeInstancesCommandInput,
    options: CallOptions,
  ): Promise<DescribeInstancesCommandOutput>;
  terminateInstances(input: TerminateInstancesCommandInput, options: CallOptions): Promise<unknown>;
  createTags(input: CreateTagsCommandInput, options: CallOptions): Promise<unknown>;
  getConsoleOutput(input: GetConsoleOutputCommandInput, options: CallOptions): Promise<GetConsoleOutputCommandOutput>;
  describeKeyPairs(input: DescribeKeyPairsCommandInput, options: CallOptions): Promise<DescribeKeyPairsCommandOutput>;
  importKeyPair(input: ImportKeyPairCommandInput, options: CallOptions): Promise<ImportKeyPairCommandOutput>;
  describeSpotPriceHistory(
    input: DescribeSpotPriceHistoryCommandInput,
    options: CallOptions,
  ): Promise<DescribeSpotPriceHistoryCommandOutput>;
  describeSubnets(input: DescribeSubnetsCommandInput, options: CallOptions): Promise<DescribeSubnetsCommandOutput>;
  describeSecurityGroups(
    input: DescribeSecurityGroupsCommandInput,
    options: CallOptions,
  ): Promise<DescribeSecurityGroupsCommandOutput>;
  describeImages(input: DescribeImagesCommandInput, options: CallOptions): Promise<DescribeImagesCommandOutput>;
  describeInstanceTypeOfferings(
    input: DescribeInstanceTypeOfferingsCommandInput,
    options: CallOptions,
  ): Promise<DescribeInstanceTypeOfferingsCommandOutput>;
  /** AWS's wall clock, in ms since 1970 and whole seconds, at its last answer; undefined before the first. */
  cloudTimeMs(): number | undefined;
  /** Closes idle connections. */
  close(): void;
}
