/** An error that the API answers with, as AWS forms it. */
export class Ec2Fault extends Error {
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, status = 400, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** The right signature, not the right; `what` is refused, if it is not the whole action. */
export function unauthorized(action: string, what = `ec2:${action}`): Ec2Fault {
  return new Ec2Fault(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation. User is not authorized to perform: ${what}`,
    403,
  );
}
