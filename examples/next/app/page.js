export default function Page() {
  return <p>GET /api/node, GET /api/edge</p>;
}
