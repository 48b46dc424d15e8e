import type { PreemptionSource } from './source.ts';

/** Link-local address of the EC2 instance metadata service. */
export const ec2BaseUrl = 'http://169.254.169.254';

/** IMDSv2: the interruption notice comes two minutes ahead; the rebalance recommendation earlier, but may come to nothing. */
export const ec2Source: PreemptionSource = async (ask) => {
  const token = await ask('/latest/api/token', {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  if (token.status !== 200) return undefined;
  const headers = { 'X-aws-ec2-metadata-token': token.body };
  const action = await ask('/latest/meta-data/spot/instance-action', { headers });
  if (action.status === 200) return { detail: `EC2 spot interruption: ${action.body}`, imminent: true };
  const rebalance = await ask('/latest/meta-data/events/recommendations/rebalance', { headers });
  if (rebalance.status !== 200) return undefined;
  return { detail: `EC2 rebalance recommendation: ${rebalance.body}`, imminent: false };
};
